#include "punktfunk/wire/device_name.hpp"

#include "punktfunk/base/hex.hpp"
#include "utf8.hpp"

namespace punktfunk::wire {

namespace {

bool is_space(char32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

// Control characters, and those that reorder or hide what stands beside them.
bool is_dropped(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0x200e || c == 0x200f || c == 0x061c || c == 0xfeff;
}

}  // namespace

std::string sanitize_device_name(std::string_view raw, const std::array<uint8_t, 32>& fingerprint) {
    std::string name;
    bool space_owed = false;
    while (!raw.empty()) {
        const std::string_view before = raw;
        const auto scalar = take_scalar(raw);
        const bool folded_to_space =
            scalar && (*scalar == '\t' || *scalar == '\n' || (is_space(*scalar) && !is_dropped(*scalar)));
        if (folded_to_space) {
            space_owed = !name.empty();
            continue;
        }
        if (!scalar || is_dropped(*scalar)) continue;
        if (space_owed) name += ' ';
        space_owed = false;
        name += before.substr(0, before.size() - raw.size());
    }
    name = cut_at_character(name, kMaxDeviceName);
    while (name.ends_with(' ')) name.pop_back();
    if (name.empty()) name = "device " + to_hex(ByteView(fingerprint).first(4));
    return name;
}

}  // namespace punktfunk::wire
