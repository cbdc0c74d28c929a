// Virtual game controllers as kernel devices: an Xbox 360 pad (uinput) or a DualSense (UHID).
//
// Devices of the kernel are the whole machine's: every program of every session on it can open them. What tells them
// apart is their `phys` string, "punktfunk/<session>/<index>": EVIOCGPHYS of the Xbox 360 pad's node, HID_PHYS of the
// HID device behind a DualSense's (udev: ATTRS{phys}, and the parent's property HID_PHYS).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::gamepad {

enum class Kind : uint8_t { Xbox360, DualSense };
[[nodiscard]] std::string_view to_string(Kind kind);

// Bits of State::buttons. Both protocols number them so.
enum Button : uint32_t {
    kDpadUp = 0x1,
    kDpadDown = 0x2,
    kDpadLeft = 0x4,
    kDpadRight = 0x8,
    kStart = 0x10,
    kBack = 0x20,
    kLeftStick = 0x40,
    kRightStick = 0x80,
    kLeftBumper = 0x100,
    kRightBumper = 0x200,
    kGuide = 0x400,
    kA = 0x1000,
    kB = 0x2000,
    kX = 0x4000,
    kY = 0x8000,
    kTouchpadClick = 0x100000,  // DualSense only
};

// Everything that is held; sticks are positive to the right and up.
struct State {
    uint32_t buttons = 0;
    int16_t left_x = 0, left_y = 0, right_x = 0, right_y = 0;
    uint8_t left_trigger = 0, right_trigger = 0;
    bool operator==(const State&) const = default;
};

// One finger on the touchpad: 0..65535 over the whole pad from its top left corner.
struct Touch {
    uint8_t finger = 0;  // 0 or 1
    bool active = false;
    uint16_t x = 0, y = 0;
    bool operator==(const Touch&) const = default;
};

// Gyro (pitch, yaw, roll) at 20 a degree per second, acceleration (x, y, z) at 10 000 a g.
struct Motion {
    std::array<int16_t, 3> gyro{}, acceleration{};
    bool operator==(const Motion&) const = default;
};

// What games ask of the pad.
struct Rumble {
    uint16_t low = 0, high = 0;  // the big left motor, the small right one
    bool operator==(const Rumble&) const = default;
};
struct Lightbar {
    uint8_t r = 0, g = 0, b = 0;
    bool operator==(const Lightbar&) const = default;
};
struct PlayerLeds {
    uint8_t bits = 0;  // five
    bool operator==(const PlayerLeds&) const = default;
};
struct TriggerEffect {
    uint8_t which = 0;  // 0 = L2, 1 = R2
    std::array<uint8_t, 11> effect{};
    bool operator==(const TriggerEffect&) const = default;
};
using Feedback = std::variant<Rumble, Lightbar, PlayerLeds, TriggerEffect>;
using FeedbackSink = std::function<void(const Feedback&)>;

// One thread. Destroying it takes the device away, whatever was held released first.
class Gamepad {
  public:
    virtual ~Gamepad() = default;
    // Errors of these mean that the device is of no more use.
    virtual Result<void> apply(const State& state) = 0;
    virtual Result<void> touch(const Touch&) { return {}; }  // a pad without the sensor has nothing to do
    virtual Result<void> move(const Motion&) { return {}; }
    // Readable when the kernel has something for service().
    [[nodiscard]] virtual int fd() const = 0;
    // When service() is due although nothing is readable.
    [[nodiscard]] virtual std::optional<SteadyClock::time_point> due() const = 0;
    // Answers the kernel and does what is due. Rumble is told when it changes, everything else each time it is asked.
    virtual Result<void> service(SteadyClock::time_point now, const FeedbackSink& feedback) = 0;
};

// NotAvailable or PermissionDenied, with the remedy, when the kernel's device for making devices cannot be opened.
// `phys` tells whose pad it is; at most 63 bytes of it are kept.
Result<std::unique_ptr<Gamepad>> make_gamepad(Kind kind, const std::string& phys);

}  // namespace punktfunk::gamepad
