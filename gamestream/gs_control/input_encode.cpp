#include <algorithm>

#include "field_writer.hpp"
#include "input_layout.hpp"
#include "punktfunk/gs_control/input.hpp"

namespace punktfunk::gs_control {
namespace {

constexpr uint16_t kVirtualKeyMark = 0x8000;

Bytes packet(Magic magic, ByteView body) {
    Bytes bytes(kInputHeaderBytes + body.size());
    store_be<uint32_t>(bytes.data(), static_cast<uint32_t>(bytes.size() - sizeof(uint32_t)));
    store_le<uint32_t>(&bytes[4], static_cast<uint32_t>(magic));
    std::ranges::copy(body, bytes.begin() + kInputHeaderBytes);
    return bytes;
}

constexpr uint16_t bits(int16_t value) {
    return static_cast<uint16_t>(value);
}

template <typename Enum>
uint8_t number(Enum value) {
    return static_cast<uint8_t>(value);
}

Bytes utf8(char32_t scalar) {
    const auto tail = [scalar](int shift) { return static_cast<uint8_t>(0x80 | (scalar >> shift & 0x3F)); };
    const auto head = [scalar](unsigned mark, int shift) { return static_cast<uint8_t>(mark | scalar >> shift); };
    if (scalar < 0x80) return {static_cast<uint8_t>(scalar)};
    if (scalar < 0x800) return {head(0xC0, 6), tail(0)};
    if (scalar < 0x10000) return {head(0xE0, 12), tail(6), tail(0)};
    return {head(0xF0, 18), tail(12), tail(6), tail(0)};
}

struct InputEncoder {
    Bytes operator()(const UnknownInput&) const { return {}; }
    Bytes operator()(const Key& key) const {
        return packet(key.down ? Magic::KeyDown : Magic::KeyUp, FieldWriter()
                                                                    .u8(key.layout_specific ? 1 : 0)
                                                                    .le<uint16_t>(kVirtualKeyMark | key.virtual_key)
                                                                    .u8(key.modifiers)
                                                                    .le<uint16_t>(0)
                                                                    .bytes());
    }
    Bytes operator()(const Text& text) const { return packet(Magic::Text, utf8(text.scalar)); }
    Bytes operator()(const MouseMove& move) const {
        return packet(Magic::MouseMove, FieldWriter().be<uint16_t>(bits(move.dx)).be<uint16_t>(bits(move.dy)).bytes());
    }
    Bytes operator()(const MousePosition& at) const {
        return packet(Magic::MousePosition, FieldWriter()
                                                .be<uint16_t>(at.x)
                                                .be<uint16_t>(at.y)
                                                .be<uint16_t>(0)
                                                .be<uint16_t>(at.width)
                                                .be<uint16_t>(at.height)
                                                .bytes());
    }
    Bytes operator()(const MouseButton& button) const {
        return packet(button.down ? Magic::ButtonDown : Magic::ButtonUp,
                      FieldWriter().u8(number(button.button)).bytes());
    }
    Bytes operator()(const Scroll& scroll) const {
        if (scroll.horizontal)
            return packet(Magic::HorizontalScroll, FieldWriter().be<uint16_t>(bits(scroll.amount)).bytes());
        return packet(
            Magic::Scroll,
            FieldWriter().be<uint16_t>(bits(scroll.amount)).be<uint16_t>(bits(scroll.amount)).be<uint16_t>(0).bytes());
    }
    Bytes operator()(const Touch& touch) const {
        const Contact& contact = touch.contact;
        return packet(Magic::Touch, FieldWriter()
                                        .u8(number(contact.event))
                                        .u8(0)
                                        .le<uint16_t>(contact.rotation.value_or(kUnknownRotation))
                                        .le<uint32_t>(touch.pointer_id)
                                        .le<float>(contact.x)
                                        .le<float>(contact.y)
                                        .le<float>(contact.pressure)
                                        .le<float>(contact.major)
                                        .le<float>(contact.minor)
                                        .bytes());
    }
    Bytes operator()(const Pen& pen) const {
        const Contact& contact = pen.contact;
        return packet(Magic::Pen, FieldWriter()
                                      .u8(number(contact.event))
                                      .u8(number(pen.tool))
                                      .u8(pen.buttons)
                                      .u8(0)
                                      .le<float>(contact.x)
                                      .le<float>(contact.y)
                                      .le<float>(contact.pressure)
                                      .le<uint16_t>(contact.rotation.value_or(kUnknownRotation))
                                      .u8(pen.tilt.value_or(kUnknownTilt))
                                      .u8(0)
                                      .le<float>(contact.major)
                                      .le<float>(contact.minor)
                                      .bytes());
    }
    Bytes operator()(const ControllerState& state) const {
        return packet(Magic::ControllerState, FieldWriter()
                                                  .le<uint16_t>(0x001A)
                                                  .le<uint16_t>(state.controller)
                                                  .le<uint16_t>(state.connected_mask)
                                                  .le<uint16_t>(0x0014)
                                                  .le<uint16_t>(static_cast<uint16_t>(state.buttons))
                                                  .u8(state.left_trigger)
                                                  .u8(state.right_trigger)
                                                  .le<int16_t>(state.left_x)
                                                  .le<int16_t>(state.left_y)
                                                  .le<int16_t>(state.right_x)
                                                  .le<int16_t>(state.right_y)
                                                  .le<uint16_t>(0x009C)
                                                  .le<uint16_t>(static_cast<uint16_t>(state.buttons >> 16))
                                                  .le<uint16_t>(0x0055)
                                                  .bytes());
    }
    Bytes operator()(const ControllerArrival& arrival) const {
        return packet(Magic::ControllerArrival, FieldWriter()
                                                    .u8(arrival.controller)
                                                    .u8(number(arrival.type))
                                                    .le<uint16_t>(arrival.capabilities)
                                                    .le<uint32_t>(arrival.supported_buttons)
                                                    .bytes());
    }
    Bytes operator()(const ControllerTouch& touch) const {
        return packet(Magic::ControllerTouch, FieldWriter()
                                                  .u8(touch.controller)
                                                  .u8(number(touch.event))
                                                  .u8(0)
                                                  .u8(touch.touchpad)
                                                  .le<uint32_t>(touch.pointer_id)
                                                  .le<float>(touch.x)
                                                  .le<float>(touch.y)
                                                  .le<float>(touch.pressure)
                                                  .bytes());
    }
    Bytes operator()(const ControllerMotion& motion) const {
        return packet(Magic::ControllerMotion, FieldWriter()
                                                   .u8(motion.controller)
                                                   .u8(number(motion.type))
                                                   .le<uint16_t>(0)
                                                   .le<float>(motion.x)
                                                   .le<float>(motion.y)
                                                   .le<float>(motion.z)
                                                   .bytes());
    }
    Bytes operator()(const ControllerBattery& battery) const {
        return packet(Magic::ControllerBattery, FieldWriter()
                                                    .u8(battery.controller)
                                                    .u8(number(battery.state))
                                                    .u8(battery.percent.value_or(kUnknownPercent))
                                                    .u8(0)
                                                    .bytes());
    }
    Bytes operator()(const EnableHaptics&) const {
        return packet(Magic::EnableHaptics, FieldWriter().le<uint16_t>(1).bytes());
    }
};

}  // namespace

Bytes encode_input(const InputEvent& event) {
    return std::visit(InputEncoder{}, event);
}

}  // namespace punktfunk::gs_control
