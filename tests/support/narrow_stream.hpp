// A synthetic stream, frames and keyframes of the sizes that a rate control makes, by the real sender through a relay's
// bottleneck to the real receiver: what it loses there, and how long a frame takes to leave.
#pragma once

#include <cstdint>

#include "punktfunk/impair/link.hpp"

namespace punktfunk::test {

struct NarrowStream {
    uint32_t kbps = 60'000;
    uint8_t fec_percent = 20;
    int hz = 60, seconds = 6;
    impair::LinkSettings link{.rate_bps = 100'000'000, .queue_packets = 32};
    uint64_t pace = 0;  // VideoSender::set_pace
};

struct NarrowOutcome {
    uint64_t packets = 0, lost = 0, frames = 0;
    double spread_ms = 0;  // of an ordinary frame, first packet to last
    [[nodiscard]] double lost_percent() const {
        return packets == 0 ? 100 : 100 * static_cast<double>(lost) / static_cast<double>(packets);
    }
};

NarrowOutcome run(const NarrowStream& stream);

}  // namespace punktfunk::test
