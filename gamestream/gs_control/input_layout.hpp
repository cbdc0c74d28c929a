// The kinds of input packets and the least that each one's body takes (spec §5.6).
#pragma once

#include <cstddef>
#include <cstdint>

namespace punktfunk::gs_control {

enum class Magic : uint32_t {
    KeyDown = 0x03,
    KeyUp = 0x04,
    MousePosition = 0x05,
    MouseMove = 0x07,
    ButtonDown = 0x08,
    ButtonUp = 0x09,
    Scroll = 0x0A,
    ControllerState = 0x0C,
    EnableHaptics = 0x0D,
    Text = 0x17,
    HorizontalScroll = 0x55000001,
    Touch = 0x55000002,
    Pen = 0x55000003,
    ControllerArrival = 0x55000004,
    ControllerTouch = 0x55000005,
    ControllerMotion = 0x55000006,
    ControllerBattery = 0x55000007,
};

inline constexpr size_t kInputHeaderBytes = 8;  // size (BE32, of what follows it), magic (LE32)
inline constexpr uint16_t kUnknownRotation = 0xFFFF;
inline constexpr uint8_t kUnknownTilt = 0xFF, kUnknownPercent = 0xFF;

// 0 for a kind that is not known.
constexpr size_t input_body_bytes(Magic magic) {
    switch (magic) {
        case Magic::Text:
        case Magic::ButtonDown:
        case Magic::ButtonUp:
            return 1;
        case Magic::EnableHaptics:
        case Magic::HorizontalScroll:
            return 2;
        case Magic::MouseMove:
        case Magic::ControllerBattery:
            return 4;
        case Magic::KeyDown:
        case Magic::KeyUp:
        case Magic::Scroll:
            return 6;
        case Magic::ControllerArrival:
            return 8;
        case Magic::MousePosition:
            return 10;
        case Magic::ControllerMotion:
            return 16;
        case Magic::ControllerTouch:
            return 20;
        case Magic::ControllerState:
            return 26;
        case Magic::Touch:
        case Magic::Pen:
            return 28;
    }
    return 0;
}

}  // namespace punktfunk::gs_control
