// Text as input events: for demonstrations and tests.
#pragma once

#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::cli {

// For hosts that type text (host_caps 0x04): any text, a character an event. InvalidArgument for what is not UTF-8.
Result<std::vector<wire::InputEvent>> text_input(std::string_view text);

// For the others: the key presses of a US keyboard. Presses and releases in order; "\n" (also written as the two
// characters \ and n) is Enter. InvalidArgument for a character the layout does not have.
Result<std::vector<wire::InputEvent>> keystrokes(std::string_view text);

}  // namespace punktfunk::cli
