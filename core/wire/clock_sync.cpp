#include <algorithm>
#include <limits>

#include "punktfunk/wire/control.hpp"

namespace punktfunk::wire {

ClockEstimate estimate_of(const ClockSample& sample) {
    // Wide enough for any four timestamps a peer may send, and no result wraps around: a host that answers nonsense
    // must not look like a quick one. The division truncates toward zero (spec §2.6).
    using Wide = __int128;
    const Wide t1 = sample.t1, t2 = sample.t2, t3 = sample.t3, t4 = sample.t4;
    const Wide offset = ((t2 - t1) + (t3 - t4)) / 2;
    const Wide rtt = (t4 - t1) - (t3 - t2);
    using Offset = std::numeric_limits<int64_t>;
    return {static_cast<int64_t>(std::clamp<Wide>(offset, Offset::min(), Offset::max())),
            static_cast<uint64_t>(std::clamp<Wide>(rtt, 0, std::numeric_limits<uint64_t>::max()))};
}

std::optional<ClockEstimate> best_estimate(std::span<const ClockSample> samples) {
    std::optional<ClockEstimate> best;
    for (const ClockSample& sample : samples) {
        const ClockEstimate estimate = estimate_of(sample);
        if (!best || estimate.rtt_ns < best->rtt_ns) best = estimate;
    }
    return best;
}

}  // namespace punktfunk::wire
