// XKB keymaps: compiled from a layout's name, and handed to a compositor.
#pragma once

#include <xkbcommon/xkbcommon.h>

#include <string>

#include "punktfunk/input/input_sink.hpp"
#include "punktfunk/wayland/client.hpp"
#include "virtual-keyboard-unstable-v1-client.h"

namespace punktfunk::input {

inline constexpr uint32_t kXkbOffset = 8;  // XKB key codes are evdev's plus 8

using Keymap = wayland::Owned<xkb_keymap, xkb_keymap_unref>;

// InvalidArgument when XKB does not know the layout, NotAvailable when there are no layouts at all.
Result<Keymap> compile_layout(const KeyboardLayout& layout);
// A virtual keyboard of a compositor's seat. (wayland::Owned takes no function of a generated header: they are static.)
struct DestroyKeyboard {
    void operator()(zwp_virtual_keyboard_v1* keyboard) const { zwp_virtual_keyboard_v1_destroy(keyboard); }
};
using KeyboardDevice = std::unique_ptr<zwp_virtual_keyboard_v1, DestroyKeyboard>;

// For tests: a keymap's text.
Result<Keymap> compile_text(const std::string& text);

// The keymap of all following keys of `keyboard`.
Result<void> send_keymap(zwp_virtual_keyboard_v1* keyboard, const std::string& text);

}  // namespace punktfunk::input
