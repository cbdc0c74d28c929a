#include "virtual_keyboard.hpp"

#include <linux/input-event-codes.h>

#include <cstdlib>

#include "milliseconds.hpp"

namespace punktfunk::input {

Result<VirtualKeyboard> VirtualKeyboard::create(zwp_virtual_keyboard_manager_v1* manager, wl_seat* seat,
                                                const KeyboardLayout& layout, const KeyboardLocks& locks) {
    auto keymap = compile_layout(layout);
    if (!keymap) return std::unexpected(keymap.error());
    const std::unique_ptr<char, decltype(&std::free)> text(
        xkb_keymap_get_as_string(keymap->get(), XKB_KEYMAP_FORMAT_TEXT_V1), &std::free);
    if (!text) return fail(ErrorCode::Internal, "out of memory for a keymap");

    VirtualKeyboard made;
    made.state_.reset(xkb_state_new(keymap->get()));
    made.keyboard_.reset(zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(manager, seat));
    if (auto sent = send_keymap(made.keyboard_.get(), text.get()); !sent) return std::unexpected(sent.error());
    const auto lock = [&](uint32_t key, bool wanted) {
        if (!wanted) return;
        xkb_state_update_key(made.state_.get(), key + kXkbOffset, XKB_KEY_DOWN);
        xkb_state_update_key(made.state_.get(), key + kXkbOffset, XKB_KEY_UP);
    };
    lock(KEY_CAPSLOCK, locks.caps);
    lock(KEY_NUMLOCK, locks.num);
    made.send_modifiers();
    return made;
}

void VirtualKeyboard::send_modifiers() {
    zwp_virtual_keyboard_v1_modifiers(keyboard_.get(), xkb_state_serialize_mods(state_.get(), XKB_STATE_MODS_DEPRESSED),
                                      xkb_state_serialize_mods(state_.get(), XKB_STATE_MODS_LATCHED),
                                      xkb_state_serialize_mods(state_.get(), XKB_STATE_MODS_LOCKED),
                                      xkb_state_serialize_layout(state_.get(), XKB_STATE_LAYOUT_EFFECTIVE));
}

void VirtualKeyboard::key(uint32_t evdev_code, bool down) {
    if (down ? !held_.insert(evdev_code).second : held_.erase(evdev_code) == 0) return;
    zwp_virtual_keyboard_v1_key(keyboard_.get(), milliseconds(), evdev_code,
                                down ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
    if (xkb_state_update_key(state_.get(), evdev_code + kXkbOffset, down ? XKB_KEY_DOWN : XKB_KEY_UP) != 0)
        send_modifiers();
}

void VirtualKeyboard::release_all() {
    while (!held_.empty()) key(*held_.begin(), false);
}

void VirtualKeyboard::show_modifiers() {
    if (xkb_state_serialize_mods(state_.get(), XKB_STATE_MODS_DEPRESSED) != 0) send_modifiers();
}

KeyboardLocks VirtualKeyboard::locks() const {
    const auto locked = [&](const char* name) {
        return xkb_state_mod_name_is_active(state_.get(), name, XKB_STATE_MODS_LOCKED) > 0;
    };
    return {.caps = locked(XKB_MOD_NAME_CAPS), .num = locked(XKB_MOD_NAME_NUM)};
}

}  // namespace punktfunk::input
