#include "text_keyboard.hpp"

#include "milliseconds.hpp"

namespace punktfunk::input {

namespace {
// After so many the compositor is waited for: neither its socket nor those of its clients hold a long text at once.
constexpr size_t kStride = 64;
}  // namespace

Result<TextKeyboard> TextKeyboard::create(wl_display* display, zwp_virtual_keyboard_manager_v1* manager,
                                          wl_seat* seat) {
    TextKeyboard made;
    made.display_ = display;
    made.keyboard_.reset(zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(manager, seat));
    if (auto sent = made.send_keymap_if_changed(); !sent) return std::unexpected(sent.error());
    return made;
}

Result<void> TextKeyboard::send_keymap_if_changed() {
    if (!keymap_.take_changed()) return {};
    return send_keymap(keyboard_.get(), keymap_.xkb_text());
}

Result<void> TextKeyboard::type(std::span<const wire::InputEvent> text) {
    characters_.clear();
    for (const auto& event : text) {
        if (is_typable(event.code)) characters_.push_back(event.code);
    }
    for (std::span<const char32_t> rest = characters_; !rest.empty();) {
        const auto stride = rest.first(std::min(keymap_.prepare(rest), kStride));
        if (auto sent = send_keymap_if_changed(); !sent) return sent;
        for (const char32_t character : stride) {
            const auto key = keymap_.key(character);
            if (!key) continue;
            zwp_virtual_keyboard_v1_key(keyboard_.get(), milliseconds(), *key, WL_KEYBOARD_KEY_STATE_PRESSED);
            zwp_virtual_keyboard_v1_key(keyboard_.get(), milliseconds(), *key, WL_KEYBOARD_KEY_STATE_RELEASED);
        }
        rest = rest.subspan(stride.size());
        if (stride.size() == kStride) {
            if (auto seen = wayland::roundtrip(display_); !seen) return seen;
        }
    }
    return {};
}

}  // namespace punktfunk::input
