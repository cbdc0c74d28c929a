// What a program has printed, on its way to whoever reads it.
#pragma once

#include "punktfunk/base/error.hpp"

namespace punktfunk {

// A program whose output is its result ends with this: a full disk or a closed pipe is a failure. Io.
[[nodiscard]] Result<void> flush_standard_output();

}  // namespace punktfunk
