// A client's input packets, bytes <-> values (spec §5.6). Everything that comes out of take_input() is in range: floats
// are finite, positions lie in the picture, controllers are 0 to 15, text is one Unicode scalar.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::gs_control {

inline constexpr uint8_t kModifierShift = 1, kModifierControl = 2, kModifierAlt = 4, kModifierMeta = 8;

// Clients do not repeat held keys; the desktop does.
struct Key {
    bool down = false;
    uint8_t virtual_key = 0;       // Windows VK of the key's position on a US keyboard
    bool layout_specific = false;  // NON_NORMALIZED: the VK is meant, not a position (JIS Ro 0xE2 and Yen 0xDC)
    uint8_t modifiers = 0;         // held, this key included: only to make up for one that was missed
    bool operator==(const Key&) const = default;
};

struct Text {
    char32_t scalar = 0;
    bool operator==(const Text&) const = default;
};

struct MouseMove {
    int16_t dx = 0, dy = 0;  // right and down
    bool operator==(const MouseMove&) const = default;
};

// At x / width, y / height of the picture; x <= width, y <= height, none of width and height is 0.
struct MousePosition {
    uint16_t x = 0, y = 0, width = 0, height = 0;
    bool operator==(const MousePosition&) const = default;
};

enum class Button : uint8_t { Left = 1, Middle = 2, Right = 3, Back = 4, Forward = 5 };

struct MouseButton {
    bool down = false;
    Button button{};
    bool operator==(const MouseButton&) const = default;
};

struct Scroll {
    bool horizontal = false;
    int16_t amount = 0;  // 120 a notch; up and right are positive
    bool operator==(const Scroll&) const = default;
};

// CancelAll concerns every pointer, whatever pointer_id says.
enum class ContactEvent : uint8_t { Hover, Down, Up, Move, Cancel, ButtonOnly, HoverLeave, CancelAll };

// What touch and pen share. Lengths are parts of the picture, 0 to 1.
struct Contact {
    ContactEvent event{};
    float x = 0, y = 0;
    float pressure = 0;                // 0 unknown; for Hover the distance
    float major = 0, minor = 0;        // of the area touched; 0 unknown
    std::optional<uint16_t> rotation;  // degrees from the vertical, 0 to 360
    bool operator==(const Contact&) const = default;
};

struct Touch {
    uint32_t pointer_id = 0;
    Contact contact;
    bool operator==(const Touch&) const = default;
};

enum class PenTool : uint8_t { Unknown, Pen, Eraser };
inline constexpr uint8_t kPenPrimary = 1, kPenSecondary = 2, kPenTertiary = 4;

struct Pen {
    PenTool tool{};
    uint8_t buttons = 0;
    Contact contact;
    std::optional<uint8_t> tilt;  // degrees from the vertical, 0 to 90
    bool operator==(const Pen&) const = default;
};

// Bits of ControllerState::buttons: the numbers of punktfunk/1's gamepad too.
inline constexpr uint32_t kPadUp = 0x1, kPadDown = 0x2, kPadLeft = 0x4, kPadRight = 0x8, kPadStart = 0x10,
                          kPadBack = 0x20, kPadLeftStick = 0x40, kPadRightStick = 0x80, kPadLeftShoulder = 0x100,
                          kPadRightShoulder = 0x200, kPadGuide = 0x400, kPadSouth = 0x1000, kPadEast = 0x2000,
                          kPadWest = 0x4000, kPadNorth = 0x8000, kPadPaddle1 = 0x10000, kPadPaddle2 = 0x20000,
                          kPadPaddle3 = 0x40000, kPadPaddle4 = 0x80000, kPadTouchpad = 0x100000, kPadMisc = 0x200000;

// The whole state. One for an unknown controller that is connected brings it, as an Xbox pad when no arrival came.
struct ControllerState {
    uint8_t controller = 0;
    uint16_t connected_mask = 0;  // of all controllers
    uint32_t buttons = 0;
    uint8_t left_trigger = 0, right_trigger = 0;
    int16_t left_x = 0, left_y = 0, right_x = 0, right_y = 0;  // right and up are positive
    [[nodiscard]] bool connected() const { return (connected_mask >> controller & 1) != 0; }
    bool operator==(const ControllerState&) const = default;
};

enum class ControllerType : uint8_t { Unknown, Xbox, PlayStation, Nintendo, Steam };
inline constexpr uint16_t kCapAnalogTriggers = 0x1, kCapRumble = 0x2, kCapTriggerRumble = 0x4, kCapTouchpad = 0x8,
                          kCapAccelerometer = 0x10, kCapGyro = 0x20, kCapBattery = 0x40, kCapLed = 0x80,
                          kCapDualTouchpads = 0x100;

struct ControllerArrival {
    uint8_t controller = 0;
    ControllerType type{};  // Unknown where a later client has one of its own
    uint16_t capabilities = 0;
    uint32_t supported_buttons = 0;
    bool operator==(const ControllerArrival&) const = default;
};

struct ControllerTouch {
    uint8_t controller = 0;
    ContactEvent event{};
    uint8_t touchpad = 0;
    uint32_t pointer_id = 0;
    float x = 0, y = 0, pressure = 0;  // 0 to 1, of the touchpad
    bool operator==(const ControllerTouch&) const = default;
};

enum class MotionType : uint8_t { Acceleration = 1, Gyro = 2 };

// SDL's axes: x right, y up, z towards the player. Sent only after MotionReports (messages.hpp) asked for it.
struct ControllerMotion {
    uint8_t controller = 0;
    MotionType type{};
    float x = 0, y = 0, z = 0;  // m/s^2 with gravity, or degrees a second
    bool operator==(const ControllerMotion&) const = default;
};

enum class BatteryState : uint8_t { Unknown, NotPresent, Discharging, Charging, NotCharging, Full };

struct ControllerBattery {
    uint8_t controller = 0;
    BatteryState state{};
    std::optional<uint8_t> percent;  // 0 to 100
    bool operator==(const ControllerBattery&) const = default;
};

// Sent once in the beginning; asks for nothing.
struct EnableHaptics {
    bool operator==(const EnableHaptics&) const = default;
};

// A kind, or a value of an enumeration, that this specification does not know.
struct UnknownInput {
    uint32_t magic = 0;
    bool operator==(const UnknownInput&) const = default;
};

using InputEvent =
    std::variant<UnknownInput, Key, Text, MouseMove, MousePosition, MouseButton, Scroll, Touch, Pen, ControllerState,
                 ControllerArrival, ControllerTouch, ControllerMotion, ControllerBattery, EnableHaptics>;

// Takes the first packet off `packets`, the payload of an input message. A stock client sends one packet a message;
// more are taken as well: call until it is empty. ProtocolViolation names what is wrong, and empties `packets`.
[[nodiscard]] Result<InputEvent> take_input(ByteView& packets);
// The client's side, for tests and for the project's own test client. Empty for UnknownInput.
[[nodiscard]] Bytes encode_input(const InputEvent& event);

}  // namespace punktfunk::gs_control
