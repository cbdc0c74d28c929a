#include "punktfunk/rate/loss_backoff.hpp"

#include <algorithm>
#include <utility>

namespace punktfunk::rate {

namespace {
constexpr uint32_t kLeastKbps = 500, kLeastPart = 20;  // a twentieth of what was asked for
constexpr double kUnchanged = 0.75, kMoreThanBefore = 1.3;
}  // namespace

LossBackoff::LossBackoff(uint32_t most_kbps)
    : most_kbps_(most_kbps),
      least_kbps_(std::min(most_kbps, std::max(kLeastKbps, most_kbps / kLeastPart))),
      rate_kbps_(most_kbps) {}

std::optional<uint32_t> LossBackoff::observe(uint32_t loss_ppm, uint32_t pictures_lost, SteadyClock::time_point now) {
    const auto counted = static_cast<uint32_t>(
        std::min<uint64_t>(std::max<uint64_t>(loss_ppm, uint64_t{pictures_lost} * kLostPicturePpm), 1'000'000));
    if (now < listen_at_) return std::nullopt;
    if (const uint32_t before = std::exchange(loss_at_cut_, 0); before != 0 && counted > kUnchanged * before)
        unavoidable_ppm_ = counted;
    if (counted < kQuietPpm) unavoidable_ppm_ = 0;
    const uint32_t wanted = [&] {
        if (counted >= kHeavyPpm && counted > kMoreThanBefore * unavoidable_ppm_) {
            loss_at_cut_ = counted;
            listen_at_ = now + kAfterCut;
            grow_at_ = now + kQuietAfterCut;
            return std::max(least_kbps_, static_cast<uint32_t>(rate_kbps_ * kDown));
        }
        if (counted >= kHeavyPpm && unavoidable_ppm_ == 0) return rate_kbps_;
        if (now < grow_at_) return rate_kbps_;
        grow_at_ = now + kBetweenSteps;
        return std::min(most_kbps_, static_cast<uint32_t>(rate_kbps_ * kUp) + 1);
    }();
    if (wanted == rate_kbps_) return std::nullopt;
    rate_kbps_ = wanted;
    return wanted;
}

}  // namespace punktfunk::rate
