// The sessions that were launched and have not said PLAY yet, and which of them a request is for. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "session.hpp"

namespace punktfunk::rtsp {

class PendingSessions {
  public:
    static constexpr size_t kMax = 16;

    // Ask before add(): launches that wait are not pushed out by others'.
    [[nodiscard]] bool has_room_for(std::string_view client) const;
    // `client` is who launched it: the fingerprint of its certificate. A launch supersedes that client's earlier one.
    // `peer_address` is where plain requests have to come from. The answer is its id.
    uint64_t add(Session session, std::string client, std::string peer_address);

    struct Routed {
        uint64_t id = 0;
        Answer answer;
    };
    // Sealed requests find their session by its key, plain ones by their address and, once they have it, by the Session
    // header; the latest launch comes first. nullopt: close the connection without an answer.
    [[nodiscard]] std::optional<Routed> answer(const Received& received, std::string_view peer_address, TimePoint now);

    // Takes it out: when it plays, or when the host gives it up. nullopt when it is gone.
    [[nodiscard]] std::optional<Session> take(uint64_t id);
    // The ids of those that were dropped.
    std::vector<uint64_t> expire(TimePoint now);
    [[nodiscard]] size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        uint64_t id = 0;
        std::string client, peer_address;
        Session session;
    };
    std::vector<Entry> entries_;  // the oldest first
    uint64_t next_id_ = 1;
};

}  // namespace punktfunk::rtsp
