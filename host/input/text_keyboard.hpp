// Types text on a keyboard of its own, whose keymap is made for the text: any character, whatever the client's layout,
// and whatever modifiers the client holds on its own keyboard. Clients of the compositor see keymaps and keys in one
// order, so every key is read by the keymap it was sent under.
#pragma once

#include <vector>

#include "keymap.hpp"
#include "text_keymap.hpp"

namespace punktfunk::input {

class TextKeyboard {
  public:
    static Result<TextKeyboard> create(wl_display* display, zwp_virtual_keyboard_manager_v1* manager, wl_seat* seat);
    // What is_typable() refuses is left out.
    Result<void> type(std::span<const wire::InputEvent> text);

  private:
    Result<void> send_keymap_if_changed();

    wl_display* display_ = nullptr;
    KeyboardDevice keyboard_;
    TextKeymap keymap_;
    std::vector<char32_t> characters_;
};

}  // namespace punktfunk::input
