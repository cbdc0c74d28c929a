// The bitrate of a stream whose client says what was lost, and nothing else. Pure; times are given.
//
// Down by three tenths when a twentieth is lost, or pictures are; up again by steps once it has been quiet. When less
// did not help, the loss has another cause than the stream, and the rate stays until the loss is another.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::rate {

class LossBackoff {
  public:
    static constexpr uint32_t kHeavyPpm = 50'000, kQuietPpm = 10'000;
    static constexpr uint32_t kLostPicturePpm = 25'000;  // what each picture that was lost counts at least
    static constexpr double kDown = 0.7, kUp = 1.15;
    static constexpr std::chrono::seconds kAfterCut{2}, kQuietAfterCut{6}, kBetweenSteps{3};

    explicit LossBackoff(uint32_t most_kbps);

    // About every second: what was lost before recovery, and how many pictures for good. The rate to encode at from now
    // on, when it is another than before.
    std::optional<uint32_t> observe(uint32_t loss_ppm, uint32_t pictures_lost, SteadyClock::time_point now);
    [[nodiscard]] uint32_t rate_kbps() const { return rate_kbps_; }

  private:
    const uint32_t most_kbps_, least_kbps_;
    uint32_t rate_kbps_;
    uint32_t loss_at_cut_ = 0;  // 0: the effect of the last cut is known
    uint32_t unavoidable_ppm_ = 0;
    SteadyClock::time_point listen_at_{}, grow_at_{};
};

}  // namespace punktfunk::rate
