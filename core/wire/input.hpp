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

}  // namespace punktfunk::wire
