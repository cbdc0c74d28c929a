// Devices that asked to be let in and are not paired (spec §3.5). One thread (control); no clock of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::native {

struct Knock {
    uint32_t id = 0;
    std::string name;  // sanitised
    crypto::Fingerprint fingerprint{};
    SteadyClock::time_point at{};  // the last one
};

class PendingKnocks {
  public:
    using TimePoint = SteadyClock::time_point;
    static constexpr std::chrono::minutes kTtl{10};
    static constexpr size_t kCap = 32;

    // A device that knocks again keeps its id. When there are too many, the one that was quiet longest goes, of those
    // that do not wait on an open connection.
    using IsWaiting = std::function<bool(const crypto::Fingerprint&)>;
    uint32_t record(const crypto::Fingerprint& fingerprint, std::string name, TimePoint now,
                    const IsWaiting& is_waiting);
    [[nodiscard]] std::vector<Knock> list(TimePoint now) const;  // the oldest first
    [[nodiscard]] std::optional<Knock> find(uint32_t id, TimePoint now) const;
    void forget(const crypto::Fingerprint& fingerprint);

  private:
    std::vector<Knock> knocks_;  // by the time of the last knock
    uint32_t next_id_ = 0;
};

}  // namespace punktfunk::native
