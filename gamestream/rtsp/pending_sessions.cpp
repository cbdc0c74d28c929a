#include "pending_sessions.hpp"

#include <algorithm>
#include <ranges>

namespace punktfunk::rtsp {

bool PendingSessions::has_room_for(std::string_view client) const {
    return entries_.size() < kMax || std::ranges::find(entries_, client, &Entry::client) != entries_.end();
}

uint64_t PendingSessions::add(Session session, std::string client, std::string peer_address) {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.client == client; });
    entries_.push_back({next_id_, std::move(client), std::move(peer_address), std::move(session)});
    return next_id_++;
}

std::optional<PendingSessions::Routed> PendingSessions::answer(const Received& received, std::string_view peer_address,
                                                               TimePoint now) {
    for (Entry& entry : entries_ | std::views::reverse) {
        if (!entry.session.encrypted() && entry.peer_address != peer_address) continue;
        if (auto answer = entry.session.answer(received, now)) return Routed{entry.id, std::move(*answer)};
    }
    return std::nullopt;
}

std::optional<Session> PendingSessions::take(uint64_t id) {
    const auto found = std::ranges::find(entries_, id, &Entry::id);
    if (found == entries_.end()) return std::nullopt;
    std::optional<Session> session(std::move(found->session));
    entries_.erase(found);
    return session;
}

std::vector<uint64_t> PendingSessions::expire(TimePoint now) {
    std::vector<uint64_t> dropped;
    std::erase_if(entries_, [&](const Entry& entry) {
        if (entry.session.expired(now)) dropped.push_back(entry.id);
        return entry.session.expired(now);
    });
    return dropped;
}

}  // namespace punktfunk::rtsp
