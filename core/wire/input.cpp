#include "punktfunk/wire/input.hpp"

namespace punktfunk::wire {

namespace {
constexpr uint8_t kInputTag = 0xC8;
constexpr auto kLastKind = static_cast<uint8_t>(InputKind::TextInput);
}  // namespace

std::array<uint8_t, kInputEventBytes> encode_input(const InputEvent& event) {
    std::array<uint8_t, kInputEventBytes> bytes{};
    bytes[0] = kInputTag;
    bytes[1] = static_cast<uint8_t>(event.kind);
    store_le<uint32_t>(&bytes[2], event.code);
    store_le<int32_t>(&bytes[6], event.x);
    store_le<int32_t>(&bytes[10], event.y);
    store_le<uint32_t>(&bytes[14], event.flags);
    return bytes;
}

std::optional<InputEvent> decode_input(ByteView datagram) {
    if (datagram.size() < kInputEventBytes || datagram[0] != kInputTag || datagram[1] > kLastKind) return std::nullopt;
    const uint8_t* at = datagram.data();
    return InputEvent{static_cast<InputKind>(at[1]), load_le<uint32_t>(at + 2), load_le<int32_t>(at + 6),
                      load_le<int32_t>(at + 10), load_le<uint32_t>(at + 14)};
}

namespace {

int32_t packed(int16_t high, int16_t low) {
    return static_cast<int32_t>(uint32_t{static_cast<uint16_t>(high)} << 16 | static_cast<uint16_t>(low));
}
int16_t high_half(int32_t value) {
    return static_cast<int16_t>(static_cast<uint32_t>(value) >> 16);
}
int16_t low_half(int32_t value) {
    return static_cast<int16_t>(static_cast<uint32_t>(value));
}

}  // namespace

InputEvent to_event(const GamepadState& state) {
    return {.kind = InputKind::GamepadState,
            .code = state.buttons,
            .x = packed(state.left_x, state.left_y),
            .y = packed(state.right_x, state.right_y),
            .flags = uint32_t{state.seq} << 24 | uint32_t{state.left_trigger} << 16 |
                     uint32_t{state.right_trigger} << 8 | state.pad};
}
InputEvent to_event(const GamepadRemove& removal) {
    return {.kind = InputKind::GamepadRemove, .flags = uint32_t{removal.seq} << 24 | removal.pad};
}
InputEvent to_event(const GamepadArrival& arrival) {
    return {.kind = InputKind::GamepadArrival, .code = arrival.type, .flags = arrival.caps << 8 | arrival.pad};
}

GamepadState gamepad_state(const InputEvent& event) {
    return {.pad = static_cast<uint8_t>(event.flags),
            .seq = static_cast<uint8_t>(event.flags >> 24),
            .buttons = event.code,
            .left_x = high_half(event.x),
            .left_y = low_half(event.x),
            .right_x = high_half(event.y),
            .right_y = low_half(event.y),
            .left_trigger = static_cast<uint8_t>(event.flags >> 16),
            .right_trigger = static_cast<uint8_t>(event.flags >> 8)};
}
GamepadRemove gamepad_remove(const InputEvent& event) {
    return {.pad = static_cast<uint8_t>(event.flags), .seq = static_cast<uint8_t>(event.flags >> 24)};
}
GamepadArrival gamepad_arrival(const InputEvent& event) {
    return {.pad = static_cast<uint8_t>(event.flags), .type = event.code, .caps = event.flags >> 8};
}

}  // namespace punktfunk::wire
