// The two clocks of the protocol. Wire timestamps are CLOCK_REALTIME nanoseconds since the Unix epoch (spec §2.6);
// intervals and deadlines are std::chrono::steady_clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace punktfunk {

using SteadyClock = std::chrono::steady_clock;

[[nodiscard]] inline uint64_t realtime_ns() {
    return static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count());
}

}  // namespace punktfunk
