// The client's keyboard: key positions under the session's layout, with the modifiers and locks they make.
#pragma once

#include <set>

#include "keymap.hpp"

namespace punktfunk::input {

class VirtualKeyboard {
  public:
    static Result<VirtualKeyboard> create(zwp_virtual_keyboard_manager_v1* manager, wl_seat* seat,
                                          const KeyboardLayout& layout, const KeyboardLocks& locks);

    // Repeated presses, and releases of what is not held, are dropped: they would unbalance the compositor's count.
    void key(uint32_t evdev_code, bool down);
    void release_all();
    // Makes this the seat's keyboard again after another one of the seat has typed, if it matters to what follows:
    // a click must see the modifiers that are held.
    void show_modifiers();
    [[nodiscard]] KeyboardLocks locks() const;

  private:
    void send_modifiers();

    KeyboardDevice keyboard_;
    wayland::Owned<xkb_state, xkb_state_unref> state_;
    std::set<uint32_t> held_;
};

}  // namespace punktfunk::input
