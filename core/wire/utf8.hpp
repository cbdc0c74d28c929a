// The little UTF-8 that names and typed text need.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace punktfunk::wire {

// Takes the next scalar off `text`; nullopt for a malformed sequence (one byte is taken then). `text` must not be
// empty.
std::optional<char32_t> take_scalar(std::string_view& text);
[[nodiscard]] bool is_utf8(std::string_view text);
// The longest prefix of at most `limit` bytes that does not cut a character.
[[nodiscard]] std::string_view cut_at_character(std::string_view text, size_t limit);

}  // namespace punktfunk::wire
