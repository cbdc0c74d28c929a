#include "text_keymap.hpp"

#include <fmt/format.h>
#include <linux/input-event-codes.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "keymap.hpp"

namespace punktfunk::input {

namespace {

struct FixedKey {
    char32_t character;
    uint32_t key;
    const char* symbol;
};
// What is a key rather than a character keeps its place, for programs that look at the place.
constexpr FixedKey kFixed[] = {{U'\b', KEY_BACKSPACE, "BackSpace"},
                               {U'\t', KEY_TAB, "Tab"},
                               {U'\n', KEY_ENTER, "Return"},
                               {U'\r', KEY_ENTER, "Return"},
                               {U' ', KEY_SPACE, "space"}};

// Any character may have these: first the places of printing keys, then those that mean nothing on most keyboards.
// Programs that look at places, as browsers do, must not take a letter for a cursor key.
std::vector<uint32_t> free_keys() {
    std::vector<uint32_t> keys;
    const auto add = [&](uint32_t first, uint32_t last) {
        for (uint32_t key = first; key <= last; ++key) keys.push_back(key);
    };
    add(KEY_1, KEY_EQUAL);
    add(KEY_Q, KEY_RIGHTBRACE);
    add(KEY_A, KEY_GRAVE);
    add(KEY_BACKSLASH, KEY_SLASH);
    add(KEY_102ND, KEY_102ND);
    add(KEY_RO, KEY_KPJPCOMMA);
    add(KEY_SCALE, KEY_YEN);
    constexpr uint32_t kLastOfX11 = 247;
    add(KEY_STOP, kLastOfX11);
    return keys;
}

const std::vector<uint32_t>& keys_for_text() {
    static const std::vector<uint32_t> keys = free_keys();
    return keys;
}

constexpr char32_t kFirstPrintable = U' ', kLastAscii = U'~';

// X11's keysyms: Latin-1 as it is, everything else by its Unicode number.
uint32_t keysym(char32_t character) {
    return character <= 0xff ? static_cast<uint32_t>(character) : 0x0100'0000u | static_cast<uint32_t>(character);
}

}  // namespace

bool is_typable(char32_t character) {
    if (character < kFirstPrintable)
        return std::ranges::any_of(kFixed, [&](const FixedKey& fixed) { return fixed.character == character; });
    const bool control = character > kLastAscii && character < 0xa0;
    const bool surrogate = character >= 0xd800 && character < 0xe000;
    return !control && !surrogate && character <= 0x10ffff;
}

TextKeymap::TextKeymap() {
    for (const FixedKey& fixed : kFixed) keys_[fixed.character] = fixed.key;
    for (char32_t character = kFirstPrintable + 1; character <= kLastAscii; ++character) (void)add(character);
}

bool TextKeymap::add(char32_t character) {
    if (keys_.contains(character)) return true;
    if (used_ == keys_for_text().size()) return false;
    keys_[character] = keys_for_text()[used_++];
    changed_ = true;
    return true;
}

size_t TextKeymap::prepare(std::span<const char32_t> text) {
    if (text.empty()) return 0;
    if (!add(text.front())) {
        std::erase_if(keys_, [](const auto& entry) { return entry.first > kFirstPrintable; });
        used_ = 0;
    }
    return static_cast<size_t>(std::ranges::find_if_not(text, [this](char32_t c) { return add(c); }) - text.begin());
}

bool TextKeymap::take_changed() {
    return std::exchange(changed_, false);
}

std::optional<uint32_t> TextKeymap::key(char32_t character) const {
    const auto found = keys_.find(character);
    return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

std::string TextKeymap::xkb_text() const {
    std::string codes, symbols;
    const auto add_key = [&](uint32_t key, const std::string& symbol) {
        fmt::format_to(std::back_inserter(codes), "<K{:03}> = {};\n", key, key + kXkbOffset);
        fmt::format_to(std::back_inserter(symbols), "key <K{:03}> {{ [ {} ] }};\n", key, symbol);
    };
    for (const FixedKey& fixed : kFixed) {
        if (fixed.character != U'\r') add_key(fixed.key, fixed.symbol);
    }
    for (const auto& [character, key] : keys_) {
        if (character > kFirstPrintable) add_key(key, fmt::format("0x{:x}", keysym(character)));
    }
    // The types and the compatibility map are what X11's keymap compiler insists on.
    return fmt::format(
        "xkb_keymap {{\n"
        "xkb_keycodes \"text\" {{\nminimum = 8;\nmaximum = 255;\n{}}};\n"
        "xkb_types \"text\" {{ include \"complete\" }};\n"
        "xkb_compatibility \"text\" {{ include \"complete\" }};\n"
        "xkb_symbols \"text\" {{\n{}}};\n}};\n",
        codes, symbols);
}

}  // namespace punktfunk::input
