#include "keymap.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

#include "text_keymap.hpp"

namespace punktfunk::input {

namespace {

std::u32string all_of(char32_t first, char32_t last) {
    std::u32string text;
    for (char32_t c = first; c <= last; ++c) text += c;
    return text;
}

// What a program that has this keymap reads from the keys for `text`.
std::u32string typed(const TextKeymap& map, std::u32string_view text) {
    const auto keymap = compile_text(map.xkb_text());
    EXPECT_TRUE(keymap) << map.xkb_text();
    if (!keymap) return {};
    const wayland::Owned<xkb_state, xkb_state_unref> state(xkb_state_new(keymap->get()));
    std::u32string read;
    for (const char32_t character : text)
        read +=
            static_cast<char32_t>(xkb_state_key_get_utf32(state.get(), map.key(character).value_or(0) + kXkbOffset));
    return read;
}

}  // namespace

TEST(TextKeymap, AsciiNeedsNoOtherKeymap) {
    TextKeymap map;
    EXPECT_TRUE(map.take_changed());
    const auto ascii = all_of(U' ', U'~');
    EXPECT_EQ(map.prepare(ascii), ascii.size());
    EXPECT_FALSE(map.take_changed());
    EXPECT_EQ(typed(map, ascii), ascii);
    EXPECT_EQ(typed(map, U"\b\t\n\r"), U"\b\t\r\r") << "Enter types a carriage return, as the key does";
}

TEST(TextKeymap, WhatCanBeTyped) {
    for (const char32_t character : {U'\0', U'\x1b', U'\x7f', U'\x85', char32_t{0xd800}, char32_t{0xdfff},
                                     char32_t{0x110000}, char32_t{0xffffffff}})
        EXPECT_FALSE(is_typable(character)) << static_cast<uint32_t>(character);
    for (const char32_t character : {U' ', U'\u00a0', U'ß', U'\u0301', U'漢', U'😀', char32_t{0x10ffff}})
        EXPECT_TRUE(is_typable(character)) << static_cast<uint32_t>(character);
}

TEST(TextKeymap, ALongTextTakesSeveralKeymaps) {
    TextKeymap map;
    const auto text = all_of(U'一', U'一' + 999);
    std::u32string read;
    int keymaps = 0;
    for (std::u32string_view rest = text; !rest.empty();) {
        const size_t count = map.prepare(rest);
        ASSERT_GT(count, 0u);
        keymaps += map.take_changed() ? 1 : 0;
        read += typed(map, rest.substr(0, count));
        rest.remove_prefix(count);
    }
    EXPECT_EQ(read, text);
    EXPECT_LE(keymaps, 8);
}

TEST(TextKeymap, TypesAnyText) {
    EXPECT_TRUE(rc::check([] {
        TextKeymap map;
        const auto text = *rc::gen::map(rc::gen::container<std::vector<char32_t>>(rc::gen::suchThat(
                                            rc::gen::map(rc::gen::oneOf(rc::gen::inRange<uint32_t>(0x20, 0x300),
                                                                        rc::gen::inRange<uint32_t>(0x300, 0x110000)),
                                                         [](uint32_t c) { return static_cast<char32_t>(c); }),
                                            [](char32_t c) { return is_typable(c); })),
                                        [](const std::vector<char32_t>& characters) {
                                            return std::u32string(characters.begin(), characters.end());
                                        });
        std::u32string read;
        for (std::u32string_view rest = text; !rest.empty();) {
            const size_t count = map.prepare(rest);
            RC_ASSERT(count > 0);
            read += typed(map, rest.substr(0, count));
            rest.remove_prefix(count);
        }
        RC_ASSERT(read == text);
    }));
}

TEST(KeyboardLayout, NamesAreCheckedAgainstThisSystem) {
    EXPECT_EQ(parse_keyboard_layout("de")->name, "de");
    EXPECT_EQ(parse_keyboard_layout("fr:bepo")->variant, "bepo");
    for (const char* wrong : {"", ":", "de:", ":bepo", "xx", "de:nothing", "us,de", "../us", "us(intl)", "a b"}) {
        const auto refused = parse_keyboard_layout(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
        EXPECT_EQ(refused.error().message.find('\n'), std::string::npos);
    }
}

}  // namespace punktfunk::input
