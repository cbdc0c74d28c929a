// A user's wish to end a program, as something to poll.
#pragma once

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk {

// Becomes readable on Ctrl-C and on SIGTERM; blocks both for the caller and for every thread that is started after it.
[[nodiscard]] UniqueFd stop_signals();

}  // namespace punktfunk
