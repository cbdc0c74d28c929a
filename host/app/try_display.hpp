// Does what a session would: makes a display, captures a picture of it and encodes that.
#pragma once

#include "punktfunk/management/host_control.hpp"

namespace punktfunk::app {

// Blocks for a second or more. Errors say at what it failed.
[[nodiscard]] Result<management::DisplayTest> run_display_test(const stream::PipelineParts& parts,
                                                               const display::Mode& mode);

}  // namespace punktfunk::app
