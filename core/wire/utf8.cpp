#include "utf8.hpp"

namespace punktfunk::wire {

std::optional<char32_t> take_scalar(std::string_view& text) {
    const auto lead = static_cast<uint8_t>(text[0]);
    size_t length = 1;
    char32_t scalar = lead;
    char32_t smallest = 0;
    if (lead >= 0xf0 && lead < 0xf8) {
        length = 4, scalar = lead & 0x07, smallest = 0x10000;
    } else if (lead >= 0xe0 && lead < 0xf0) {
        length = 3, scalar = lead & 0x0f, smallest = 0x800;
    } else if (lead >= 0xc0 && lead < 0xe0) {
        length = 2, scalar = lead & 0x1f, smallest = 0x80;
    }
    bool good = (length > 1 || lead < 0x80) && text.size() >= length;
    for (size_t i = 1; good && i < length; ++i) {
        const auto byte = static_cast<uint8_t>(text[i]);
        good = (byte & 0xc0) == 0x80;
        scalar = scalar << 6 | (byte & 0x3f);
    }
    good = good && scalar >= smallest && scalar <= 0x10ffff && (scalar < 0xd800 || scalar > 0xdfff);
    text.remove_prefix(good ? length : 1);
    return good ? std::optional(scalar) : std::nullopt;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        if (!take_scalar(text)) return false;
    }
    return true;
}

std::string_view cut_at_character(std::string_view text, size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<uint8_t>(text[limit]) & 0xc0) == 0x80) --limit;
    return text.substr(0, limit);
}

}  // namespace punktfunk::wire
