#include "client_input.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "punktfunk/gs_control/wire_event.hpp"
#include "punktfunk/input/virtual_keys.hpp"

namespace punktfunk::moonlight {

using gs_control::Contact;
using gs_control::ContactEvent;
using wire::InputKind;

namespace {

constexpr uint32_t kLeft = 1, kMiddle = 2, kRight = 3;
constexpr uint32_t kUnit = 0x8000;  // parts of the picture, as coordinates in one so large

wire::InputEvent placed(InputKind kind, uint32_t code, const Contact& at) {
    return {.kind = kind,
            .code = code,
            .x = static_cast<int32_t>(std::lround(at.x * kUnit)),
            .y = static_cast<int32_t>(std::lround(at.y * kUnit)),
            .flags = kUnit << 16 | kUnit};
}

struct Modifier {
    uint8_t bit;
    std::array<uint8_t, 3> keys;  // of either side, and of none
};
// The first is the one that is pressed for it.
constexpr Modifier kModifiers[]{{gs_control::kModifierShift, {0xA0, 0xA1, 0x10}},
                                {gs_control::kModifierControl, {0xA2, 0xA3, 0x11}},
                                {gs_control::kModifierAlt, {0xA4, 0xA5, 0x12}},
                                {gs_control::kModifierMeta, {0x5B, 0x5C, 0x5B}}};

uint8_t modifier_of(uint8_t virtual_key) {
    for (const auto& modifier : kModifiers) {
        if (std::ranges::find(modifier.keys, virtual_key) != modifier.keys.end()) return modifier.bit;
    }
    return 0;
}

// By position on a US keyboard, where the client does not say otherwise.
uint32_t code_of(const gs_control::Key& key) {
    if (key.layout_specific && key.virtual_key == 0xE2) return input::kJisRo;
    if (key.layout_specific && key.virtual_key == 0xDC) return input::kJisYen;
    return key.virtual_key == 0x6C ? input::kKeypadComma : key.virtual_key;
}

}  // namespace

void ClientInput::take(const gs_control::InputEvent& event) {
    if (const auto* key = std::get_if<gs_control::Key>(&event)) return on_key(*key);
    if (const auto* touch = std::get_if<gs_control::Touch>(&event)) return on_touch(*touch);
    if (const auto* pen = std::get_if<gs_control::Pen>(&event)) return on_pen(*pen);
    if (const auto converted = gs_control::to_wire_event(event)) inject_(*converted);
}

uint8_t ClientInput::held_modifiers() const {
    uint8_t bits = 0;
    for (const uint8_t key : modifier_keys_) bits |= modifier_of(key);
    return bits;
}

void ClientInput::on_key(const gs_control::Key& key) {
    const wire::InputEvent event{.kind = key.down ? InputKind::KeyDown : InputKind::KeyUp, .code = code_of(key)};
    if (modifier_of(key.virtual_key) != 0) {
        if (key.down) {
            modifier_keys_.insert(key.virtual_key);
        } else {
            modifier_keys_.erase(key.virtual_key);
        }
        return inject_(event);
    }
    const auto missing = static_cast<uint8_t>(key.down ? key.modifiers & ~held_modifiers() : 0);
    const auto press = [&](InputKind kind) {
        for (const auto& modifier : kModifiers) {
            if ((missing & modifier.bit) != 0) inject_({.kind = kind, .code = modifier.keys[0]});
        }
    };
    press(InputKind::KeyDown);
    inject_(event);
    press(InputKind::KeyUp);
}

void ClientInput::finger(InputKind kind, uint32_t id, const Contact& at) {
    inject_(placed(kind, id, at));
}

void ClientInput::on_touch(const gs_control::Touch& touch) {
    const Contact& at = touch.contact;
    switch (at.event) {
        case ContactEvent::Down:
            if (fingers_.size() == kMostFingers) return;
            fingers_.insert(touch.pointer_id);
            return finger(InputKind::TouchDown, touch.pointer_id, at);
        case ContactEvent::Move:
            if (fingers_.contains(touch.pointer_id)) finger(InputKind::TouchMove, touch.pointer_id, at);
            return;
        case ContactEvent::Up:
        case ContactEvent::Cancel:
            if (fingers_.erase(touch.pointer_id) != 0) finger(InputKind::TouchUp, touch.pointer_id, at);
            return;
        case ContactEvent::CancelAll:
            for (const uint32_t id : fingers_) finger(InputKind::TouchUp, id, at);
            fingers_.clear();
            return;
        case ContactEvent::Hover:
        case ContactEvent::ButtonOnly:
        case ContactEvent::HoverLeave:
            return;
    }
}

void ClientInput::pen_button(bool down, uint32_t button) {
    const auto bit = static_cast<uint8_t>(1u << button);
    if (((pen_held_ & bit) != 0) == down) return;
    pen_held_ ^= bit;
    inject_({.kind = down ? InputKind::MouseButtonDown : InputKind::MouseButtonUp, .code = button});
}

// Desktops here take no pen from a virtual device: it becomes the pointer, its tip the left button.
void ClientInput::on_pen(const gs_control::Pen& pen) {
    const Contact& at = pen.contact;
    const bool leaves =
        at.event == ContactEvent::Cancel || at.event == ContactEvent::CancelAll || at.event == ContactEvent::HoverLeave;
    if (!leaves) {
        inject_(placed(InputKind::MouseMoveAbs, 0, at));
        pen_button((pen.buttons & gs_control::kPenPrimary) != 0, kRight);
        pen_button((pen.buttons & gs_control::kPenSecondary) != 0, kMiddle);
    }
    if (at.event == ContactEvent::Down) pen_button(true, kLeft);
    if (at.event == ContactEvent::Up || leaves) pen_button(false, kLeft);
    if (!leaves) return;
    pen_button(false, kRight);
    pen_button(false, kMiddle);
}

}  // namespace punktfunk::moonlight
