#include "punktfunk/input/virtual_keys.hpp"

#include <linux/input-event-codes.h>

#include <array>

namespace punktfunk::input {

namespace {

constexpr std::array<uint8_t, 256> make_table() {
    std::array<uint8_t, 256> t{};
    t[0x08] = 14, t[0x09] = 15, t[0x0D] = 28, t[0x10] = 42, t[0x11] = 29, t[0x12] = 56, t[0x13] = 119, t[0x14] = 58,
    t[0x1B] = 1, t[0x20] = 57;
    t[0x21] = 104, t[0x22] = 109, t[0x23] = 107, t[0x24] = 102, t[0x25] = 105, t[0x26] = 103, t[0x27] = 106,
    t[0x28] = 108;
    t[0x2C] = 99, t[0x2D] = 110, t[0x2E] = 111;
    t[0x30] = 11;
    for (uint8_t i = 0; i < 9; ++i) t[0x31 + i] = static_cast<uint8_t>(2 + i);
    constexpr uint8_t letters[] = {30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50,
                                   49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44};
    for (uint8_t i = 0; i < 26; ++i) t[0x41 + i] = letters[i];
    t[0x5B] = 125, t[0x5C] = 126, t[0x5D] = 127;
    constexpr uint8_t pad[] = {82, 79, 80, 81, 75, 76, 77, 71, 72, 73, 55, 78, 96, 74, 83, 98};
    for (uint8_t i = 0; i < 16; ++i) t[0x60 + i] = pad[i];
    for (uint8_t i = 0; i < 10; ++i) t[0x70 + i] = static_cast<uint8_t>(59 + i);
    t[0x7A] = 87, t[0x7B] = 88, t[0x90] = 69, t[0x91] = 70;
    t[0xA0] = 42, t[0xA1] = 54, t[0xA2] = 29, t[0xA3] = 97, t[0xA4] = 56, t[0xA5] = 100;
    t[0xBA] = 39, t[0xBB] = 13, t[0xBC] = 51, t[0xBD] = 12, t[0xBE] = 52, t[0xBF] = 53, t[0xC0] = 41;
    t[0xDB] = 26, t[0xDC] = 43, t[0xDD] = 27, t[0xDE] = 40, t[0xE2] = 86;
    // GameStream's. KEY_CLEAR and KEY_SELECT have no place in a keymap, whose codes end at 247.
    t[0x15] = KEY_KATAKANAHIRAGANA, t[0x19] = KEY_HANJA, t[0x1C] = KEY_HENKAN, t[0x1D] = KEY_MUHENKAN;
    t[0x2A] = KEY_PRINT, t[0x2B] = KEY_OPEN, t[0x2F] = KEY_HELP, t[0x5F] = KEY_SLEEP;
    for (uint8_t i = 0; i < 12; ++i) t[0x7C + i] = static_cast<uint8_t>(KEY_F13 + i);
    constexpr uint8_t media[] = {KEY_BACK,      KEY_FORWARD,      KEY_REFRESH, KEY_STOP,       KEY_SEARCH,
                                 KEY_BOOKMARKS, KEY_HOMEPAGE,     KEY_MUTE,    KEY_VOLUMEDOWN, KEY_VOLUMEUP,
                                 KEY_NEXTSONG,  KEY_PREVIOUSSONG, KEY_STOPCD,  KEY_PLAYPAUSE};
    for (uint8_t i = 0; i < 14; ++i) t[0xA6 + i] = media[i];
    t[kJisRo] = KEY_RO, t[kJisYen] = KEY_YEN, t[kKeypadComma] = KEY_KPCOMMA;
    return t;
}

constexpr auto kTable = make_table();

}  // namespace

std::optional<uint32_t> evdev_key(uint32_t virtual_key) {
    const uint8_t code = kTable[virtual_key & 0xff];
    return code == 0 ? std::nullopt : std::optional<uint32_t>(code);
}

}  // namespace punktfunk::input
