// Numbers in text from a peer: the whole text is the number, or it is none.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace punktfunk::nvhttp {

// Decimal. nullopt for anything else, also for spaces, a plus sign, and a value that T cannot hold.
template <std::integral T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

}  // namespace punktfunk::nvhttp
