#include "frame_clock.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

namespace punktfunk::display {

namespace {

using std::chrono::nanoseconds;

// Composing with pixman and the copy into shared memory, as sway 1.7 does them on a slow machine.
constexpr nanoseconds kWork(200'000), kWorkOfAPixel(1);

}  // namespace

std::string headless_mode(const Mode& mode) {
    using namespace std::chrono_literals;
    const auto period = nanoseconds(1s) / std::max(mode.refresh_hz, 1u);
    const auto work = kWork + kWorkOfAPixel * (int64_t{mode.width} * mode.height);
    const auto clock = std::max<int64_t>((period - work) / 1ms, 1);
    // It is divided again there, and what is left over is lost.
    const int64_t millihertz = 1'000'000 / clock;
    return fmt::format("{}x{}@{}.{:03}Hz", mode.width, mode.height, millihertz / 1000, millihertz % 1000);
}

}  // namespace punktfunk::display
