#include "punktfunk/rate/fec_controller.hpp"

#include <algorithm>

namespace punktfunk::rate {

namespace {

// Parity for a share of lost packets: losses come in runs, and a block must survive its bad moments, not its average.
uint8_t percent_for(uint32_t loss_ppm, uint8_t least) {
    if (loss_ppm == 0) return least;
    constexpr uint64_t kTimes = 5, kOf = 2;  // two and a half times what was lost
    constexpr uint64_t kMargin = 3;
    const uint64_t percent = (loss_ppm * kTimes + kOf * 10'000 - 1) / (kOf * 10'000) + kMargin;
    return static_cast<uint8_t>(std::clamp<uint64_t>(percent, least, FecController::kMost));
}

}  // namespace

void FecController::loss_reported(uint32_t loss_ppm, SteadyClock::time_point now) {
    const uint8_t wanted = percent_for(loss_ppm, least_);
    if (wanted > percent_) {
        percent_ = wanted;
        next_step_down_ = now + kRest;
    } else if (wanted < percent_ && now >= next_step_down_) {
        --percent_;
        next_step_down_ = now + kStepDown;
    }
}

}  // namespace punktfunk::rate
