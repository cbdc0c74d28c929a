#include <algorithm>

#include "punktfunk/wire/control.hpp"

namespace punktfunk::wire {

ClockEstimate estimate_of(const ClockSample& sample) {
    // Wide enough for any four timestamps a peer may send; the division truncates toward zero (spec §2.6).
    using Wide = __int128;
    const Wide t1 = sample.t1, t2 = sample.t2, t3 = sample.t3, t4 = sample.t4;
    const Wide offset = ((t2 - t1) + (t3 - t4)) / 2;
    const Wide rtt = std::max<Wide>(0, (t4 - t1) - (t3 - t2));
    return {static_cast<int64_t>(offset), static_cast<uint64_t>(rtt)};
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
