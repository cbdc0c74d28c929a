// Input events as they travel in the 0xC8 datagram (spec §6, v0.31 kinds §11.6).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::wire {

enum class InputKind : uint8_t {
    KeyDown = 0,
    KeyUp = 1,
    MouseMove = 2,
    MouseMoveAbs = 3,
    MouseButtonDown = 4,
    MouseButtonUp = 5,
    MouseScroll = 6,
    GamepadButton = 7,
    GamepadAxis = 8,
    TouchDown = 9,
    TouchMove = 10,
    TouchUp = 11,
    GamepadState = 12,
    GamepadRemove = 13,
    GamepadArrival = 14,
    TextInput = 15,
};

[[nodiscard]] constexpr bool is_gamepad(InputKind kind) {
    using enum InputKind;
    return kind == GamepadButton || kind == GamepadAxis || (kind >= GamepadState && kind <= GamepadArrival);
}

inline constexpr size_t kInputEventBytes = 18;

struct InputEvent {
    InputKind kind{};
    uint32_t code = 0;
    int32_t x = 0;
    int32_t y = 0;
    uint32_t flags = 0;
    bool operator==(const InputEvent&) const = default;
};

[[nodiscard]] std::array<uint8_t, kInputEventBytes> encode_input(const InputEvent& event);
// nullopt when too short, another tag, or an unknown kind. Trailing bytes are ignored.
[[nodiscard]] std::optional<InputEvent> decode_input(ByteView datagram);

// v0.31's gamepad events, which replace GamepadButton and GamepadAxis where the host announces kHostCapGamepadState
// (§11.6). `seq` counts per pad and wraps: it tells a datagram that was overtaken.
struct GamepadState {
    uint8_t pad = 0, seq = 0;
    uint32_t buttons = 0;
    int16_t left_x = 0, left_y = 0, right_x = 0, right_y = 0;
    uint8_t left_trigger = 0, right_trigger = 0;
    bool operator==(const GamepadState&) const = default;
};
struct GamepadRemove {
    uint8_t pad = 0, seq = 0;
    bool operator==(const GamepadRemove&) const = default;
};
struct GamepadArrival {
    uint8_t pad = 0;
    uint32_t type = 0;  // §11.5's gamepad ids, a superset of wire::Gamepad
    uint32_t caps = 0;  // 24 bits
    bool operator==(const GamepadArrival&) const = default;
};
[[nodiscard]] InputEvent to_event(const GamepadState& state);
[[nodiscard]] InputEvent to_event(const GamepadRemove& removal);
[[nodiscard]] InputEvent to_event(const GamepadArrival& arrival);
// Of events of these kinds.
[[nodiscard]] GamepadState gamepad_state(const InputEvent& event);
[[nodiscard]] GamepadRemove gamepad_remove(const InputEvent& event);
[[nodiscard]] GamepadArrival gamepad_arrival(const InputEvent& event);

}  // namespace punktfunk::wire
