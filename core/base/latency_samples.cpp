#include "punktfunk/base/latency_samples.hpp"

#include <algorithm>
#include <limits>

namespace punktfunk {

void LatencySamples::add(int64_t us) {
    const auto sample = static_cast<int32_t>(
        std::clamp<int64_t>(us, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max()));
    if (samples_.size() < capacity_) {
        samples_.push_back(sample);
    } else {
        samples_[next_++ % capacity_] = sample;
    }
}

int64_t LatencySamples::percentile(double share) const {
    if (samples_.empty()) return 0;
    auto sorted = samples_;
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
    std::ranges::nth_element(sorted, sorted.begin() + at);
    return sorted[static_cast<size_t>(at)];
}

}  // namespace punktfunk
