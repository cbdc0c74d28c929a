// Lower-case hexadecimal, the form fingerprints are shown and stored in.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk {

[[nodiscard]] std::string to_hex(ByteView bytes);
// Accepts both cases; nullopt on an odd length or any other character.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);

}  // namespace punktfunk
