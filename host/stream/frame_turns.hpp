// Which pictures are sent when the compositor presents more often than the client asked: one is left out now and then,
// and what a stall has cost is caught up on.
#pragma once

#include <algorithm>
#include <cstdint>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::stream {

class FrameTurns {
  public:
    // Of the picture that arrives now.
    [[nodiscard]] bool take(SteadyClock::time_point now, uint32_t refresh_hz) {
        const auto interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / refresh_hz;
        if (next_ > now + kAhead * interval) return false;
        next_ = std::max(next_, now) + interval;
        return true;
    }

  private:
    // So many pictures may come before their time: clocks are not even.
    static constexpr int kAhead = 2;
    SteadyClock::time_point next_{};
};

}  // namespace punktfunk::stream
