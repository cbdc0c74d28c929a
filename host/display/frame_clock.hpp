// What a headless output has to be asked for so that it presents as often as the client wants.
//
// Its clock (wlroots) counts whole milliseconds, and starts only once a picture has been composed and copied: 60 Hz are
// sixteen of them and that work, 58 pictures a second at 1280x720, and 53 at 1920x1080.
#pragma once

#include <string>

#include "punktfunk/display/display.hpp"

namespace punktfunk::display {

// In sway's words: "1280x720@66.666Hz". The output is never slower than the mode; what it presents beyond it is the
// capture's to leave out.
[[nodiscard]] std::string headless_mode(const Mode& mode);

}  // namespace punktfunk::display
