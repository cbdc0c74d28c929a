// Text as the key presses of a US keyboard: for demonstrations and tests.
#pragma once

#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::cli {

// Presses and releases in order; "\n" (also written as the two characters \ and n) is Enter. InvalidArgument for a
// character the layout does not have.
Result<std::vector<wire::InputEvent>> keystrokes(std::string_view text);

}  // namespace punktfunk::cli
