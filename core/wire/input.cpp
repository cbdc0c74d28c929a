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

}  // namespace punktfunk::wire
