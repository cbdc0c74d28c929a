#include "mode_limit.hpp"

#include <algorithm>
#include <cmath>

namespace punktfunk::browser {

namespace {

constexpr uint32_t kSide = 16;                                          // pixels of a macroblock
constexpr uint32_t kMostOfPicture = 36'864, kMostOfSecond = 2'073'600;  // macroblocks

uint32_t macroblocks(const display::Mode& mode) {
    return ((mode.width + kSide - 1) / kSide) * ((mode.height + kSide - 1) / kSide);
}

}  // namespace

display::Mode within_limit(const display::Mode& wanted) {
    display::Mode mode = wanted;
    if (macroblocks(mode) > kMostOfPicture) {
        // To whole macroblocks, so that rounding cannot lead beyond the limit again.
        const double scale = std::sqrt(double{kMostOfPicture} * kSide * kSide / mode.width / mode.height);
        const auto shrink = [&](uint32_t side) {
            return std::min(static_cast<uint32_t>(side * scale), side) / kSide * kSide;
        };
        mode.width = shrink(mode.width);
        mode.height = shrink(mode.height);
    }
    mode.refresh_hz = std::min(mode.refresh_hz, kMostOfSecond / macroblocks(mode));
    return mode;
}

}  // namespace punktfunk::browser
