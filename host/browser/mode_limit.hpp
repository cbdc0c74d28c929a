// The largest mode that a page gets. Pages ask for the window's size in device pixels, which some day is 8192x8192.
#pragma once

#include "punktfunk/display/display.hpp"

namespace punktfunk::browser {

// `wanted`, or what is nearest to it within H.264's level 5.2 (H.264 table A-1): 3840x2160 at 64 Hz. That is as far as
// browsers decode everywhere, and about as many pixels a second as the software encoder has threads for. Smaller in
// both directions, so that the picture keeps its shape; then less often.
[[nodiscard]] display::Mode within_limit(const display::Mode& wanted);

}  // namespace punktfunk::browser
