#include "pending_knocks.hpp"

#include <algorithm>

namespace punktfunk::native {

uint32_t PendingKnocks::record(const crypto::Fingerprint& fingerprint, std::string name, TimePoint now,
                               const IsWaiting& is_waiting) {
    std::erase_if(knocks_, [&](const Knock& knock) { return now - knock.at >= kTtl; });
    const auto known = std::ranges::find(knocks_, fingerprint, &Knock::fingerprint);
    const uint32_t id = known != knocks_.end() ? known->id : next_id_++;
    if (known != knocks_.end()) {
        knocks_.erase(known);
    } else if (knocks_.size() == kCap) {
        const auto quiet = std::ranges::find_if_not(knocks_, is_waiting, &Knock::fingerprint);
        knocks_.erase(quiet != knocks_.end() ? quiet : knocks_.begin());
    }
    knocks_.push_back({id, std::move(name), fingerprint, now});
    return id;
}

std::vector<Knock> PendingKnocks::list(TimePoint now) const {
    auto living = knocks_;
    std::erase_if(living, [&](const Knock& knock) { return now - knock.at >= kTtl; });
    return living;
}

std::optional<Knock> PendingKnocks::find(uint32_t id, TimePoint now) const {
    const auto known = std::ranges::find(knocks_, id, &Knock::id);
    if (known == knocks_.end() || now - known->at >= kTtl) return std::nullopt;
    return *known;
}

void PendingKnocks::forget(const crypto::Fingerprint& fingerprint) {
    std::erase_if(knocks_, [&](const Knock& knock) { return knock.fingerprint == fingerprint; });
}

}  // namespace punktfunk::native
