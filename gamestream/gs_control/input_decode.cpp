#include <algorithm>
#include <cmath>
#include <string_view>

#include "input_layout.hpp"
#include "punktfunk/gs_control/input.hpp"
#include "punktfunk/wire/utf8.hpp"

namespace punktfunk::gs_control {
namespace {

constexpr uint16_t kMostRotation = 360;
constexpr uint8_t kMostTilt = 90, kMostPercent = 100, kMostController = 15, kNonNormalized = 0x1;

// Fields of a body whose length has been checked. A field out of range is remembered, not answered at once.
class Fields {
  public:
    explicit Fields(ByteView body) : body_(body) {}

    [[nodiscard]] uint8_t u8(size_t at) const { return body_[at]; }
    template <typename T>
    [[nodiscard]] T le(size_t at) const {
        return load_le<T>(&body_[at]);
    }
    [[nodiscard]] uint16_t be16(size_t at) const { return load_be<uint16_t>(&body_[at]); }
    [[nodiscard]] int16_t signed_be16(size_t at) const { return static_cast<int16_t>(be16(at)); }
    [[nodiscard]] float number(size_t at) {
        const auto value = le<float>(at);
        if (!std::isfinite(value)) refuse("a number that is not finite");
        return value;
    }
    [[nodiscard]] float part(size_t at) { return std::clamp(number(at), 0.0f, 1.0f); }
    [[nodiscard]] uint8_t controller(size_t at) {
        if (u8(at) > kMostController) refuse("a controller number over 15");
        return u8(at) & kMostController;
    }
    template <typename Enum>
    [[nodiscard]] Enum one_of(size_t at, Enum last) {
        unknown_ = unknown_ || u8(at) > static_cast<uint8_t>(last);
        return static_cast<Enum>(u8(at));
    }
    template <typename T>
    [[nodiscard]] std::optional<T> at_most(size_t at, T most) const {
        const auto value = le<T>(at);
        return value <= most ? std::optional(value) : std::nullopt;
    }
    void refuse(std::string_view why) { fault_ = why; }
    void set_unknown() { unknown_ = true; }

    [[nodiscard]] std::string_view fault() const { return fault_; }
    [[nodiscard]] bool unknown() const { return unknown_; }

  private:
    ByteView body_;
    std::string_view fault_;
    bool unknown_ = false;
};

InputEvent decode_text(Fields& fields, ByteView body) {
    std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
    const auto scalar = wire::take_scalar(text);
    if (!scalar || !text.empty()) fields.refuse("text that is not one character of UTF-8");
    return Text{scalar.value_or(0)};
}

InputEvent decode_position(Fields& fields) {
    const MousePosition at{fields.be16(0), fields.be16(2), fields.be16(6), fields.be16(8)};
    if (at.width == 0 || at.height == 0) fields.refuse("a position in no area");
    return MousePosition{std::min(at.x, at.width), std::min(at.y, at.height), at.width, at.height};
}

InputEvent decode_touch(Fields& fields) {
    return Touch{.pointer_id = fields.le<uint32_t>(4),
                 .contact = {.event = fields.one_of(0, ContactEvent::CancelAll),
                             .x = fields.part(8),
                             .y = fields.part(12),
                             .pressure = fields.part(16),
                             .major = fields.part(20),
                             .minor = fields.part(24),
                             .rotation = fields.at_most(2, kMostRotation)}};
}

InputEvent decode_pen(Fields& fields) {
    return Pen{.tool = fields.one_of(1, PenTool::Eraser),
               .buttons = fields.u8(2),
               .contact = {.event = fields.one_of(0, ContactEvent::CancelAll),
                           .x = fields.part(4),
                           .y = fields.part(8),
                           .pressure = fields.part(12),
                           .major = fields.part(20),
                           .minor = fields.part(24),
                           .rotation = fields.at_most(16, kMostRotation)},
               .tilt = fields.at_most(18, kMostTilt)};
}

InputEvent decode_state(Fields& fields) {
    if (fields.le<uint16_t>(2) > kMostController) fields.refuse("a controller number over 15");
    return ControllerState{.controller = static_cast<uint8_t>(fields.u8(2) & kMostController),
                           .connected_mask = fields.le<uint16_t>(4),
                           .buttons = fields.le<uint16_t>(8) | static_cast<uint32_t>(fields.le<uint16_t>(22)) << 16,
                           .left_trigger = fields.u8(10),
                           .right_trigger = fields.u8(11),
                           .left_x = fields.le<int16_t>(12),
                           .left_y = fields.le<int16_t>(14),
                           .right_x = fields.le<int16_t>(16),
                           .right_y = fields.le<int16_t>(18)};
}

InputEvent decode_arrival(Fields& fields) {
    const bool known = fields.u8(1) <= static_cast<uint8_t>(ControllerType::Steam);
    return ControllerArrival{.controller = fields.controller(0),
                             .type = known ? static_cast<ControllerType>(fields.u8(1)) : ControllerType::Unknown,
                             .capabilities = fields.le<uint16_t>(2),
                             .supported_buttons = fields.le<uint32_t>(4)};
}

InputEvent decode_controller_touch(Fields& fields) {
    if (fields.u8(3) > 1) fields.set_unknown();
    return ControllerTouch{.controller = fields.controller(0),
                           .event = fields.one_of(1, ContactEvent::CancelAll),
                           .touchpad = fields.u8(3),
                           .pointer_id = fields.le<uint32_t>(4),
                           .x = fields.part(8),
                           .y = fields.part(12),
                           .pressure = fields.part(16)};
}

InputEvent decode_motion(Fields& fields) {
    if (fields.u8(1) == 0) fields.set_unknown();
    return ControllerMotion{.controller = fields.controller(0),
                            .type = fields.one_of(1, MotionType::Gyro),
                            .x = fields.number(4),
                            .y = fields.number(8),
                            .z = fields.number(12)};
}

InputEvent decode_battery(Fields& fields) {
    return ControllerBattery{.controller = fields.controller(0),
                             .state = fields.one_of(1, BatteryState::Full),
                             .percent = fields.at_most(2, kMostPercent)};
}

InputEvent decode_body(Magic magic, ByteView body, Fields& fields) {
    switch (magic) {
        case Magic::KeyDown:
        case Magic::KeyUp:
            return Key{.down = magic == Magic::KeyDown,
                       .virtual_key = fields.u8(1),  // the high byte is 0x80, or 0 from some clients
                       .layout_specific = (fields.u8(0) & kNonNormalized) != 0,
                       .modifiers = fields.u8(3)};
        case Magic::MousePosition:
            return decode_position(fields);
        case Magic::MouseMove:
            return MouseMove{fields.signed_be16(0), fields.signed_be16(2)};
        case Magic::ButtonDown:
        case Magic::ButtonUp:
            if (fields.u8(0) == 0) fields.set_unknown();
            return MouseButton{magic == Magic::ButtonDown, fields.one_of(0, Button::Forward)};
        case Magic::Scroll:
        case Magic::HorizontalScroll:
            return Scroll{magic == Magic::HorizontalScroll, fields.signed_be16(0)};
        case Magic::ControllerState:
            return decode_state(fields);
        case Magic::EnableHaptics:
            return EnableHaptics{};
        case Magic::Text:
            return decode_text(fields, body);
        case Magic::Touch:
            return decode_touch(fields);
        case Magic::Pen:
            return decode_pen(fields);
        case Magic::ControllerArrival:
            return decode_arrival(fields);
        case Magic::ControllerTouch:
            return decode_controller_touch(fields);
        case Magic::ControllerMotion:
            return decode_motion(fields);
        case Magic::ControllerBattery:
            return decode_battery(fields);
    }
    return UnknownInput{};
}

}  // namespace

Result<InputEvent> take_input(ByteView& packets) {
    const ByteView all = packets;
    packets = {};
    if (all.size() < kInputHeaderBytes) {
        return fail(ErrorCode::ProtocolViolation, "an input packet of {} bytes", all.size());
    }
    const auto size = load_be<uint32_t>(all.data());
    const auto magic = load_le<uint32_t>(&all[4]);
    if (size < sizeof magic || size > all.size() - sizeof size) {
        return fail(ErrorCode::ProtocolViolation, "an input packet of {} bytes says that it has {}",
                    all.size() - sizeof size, size);
    }
    const ByteView body = all.subspan(kInputHeaderBytes, size - sizeof magic);
    const size_t least = input_body_bytes(Magic{magic});
    if (body.size() < least) {
        return fail(ErrorCode::ProtocolViolation, "input {:#x} with {} of {} bytes", magic, body.size(), least);
    }
    InputEvent event = UnknownInput{magic};
    if (least > 0) {
        Fields fields(body);
        InputEvent known = decode_body(Magic{magic}, body, fields);
        if (!fields.fault().empty())
            return fail(ErrorCode::ProtocolViolation, "input {:#x}: {}", magic, fields.fault());
        if (!fields.unknown()) event = known;
    }
    packets = all.subspan(sizeof size + size);
    return event;
}

}  // namespace punktfunk::gs_control
