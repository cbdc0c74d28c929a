// Type, length, payload: what both directions share (spec §5.3).
#pragma once

#include <algorithm>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::gs_control {

inline constexpr size_t kMessageHeaderBytes = 4;

// What a message says of itself, and the payload it brought.
struct MessageFrame {
    uint16_t type = 0;
    ByteView payload;
};

[[nodiscard]] inline Result<MessageFrame> split_message(ByteView message) {
    ByteReader reader(message);
    const auto type = reader.read<uint16_t>();
    const auto length = reader.read<uint16_t>();
    if (!length) return fail(ErrorCode::ProtocolViolation, "a control message of {} bytes", message.size());
    const auto payload = reader.take(*length);
    if (!payload) {
        return fail(ErrorCode::ProtocolViolation, "control message {:#06x} says that it has {} bytes, of {}", *type,
                    *length, reader.remaining());
    }
    return MessageFrame{*type, *payload};
}

[[nodiscard]] inline Result<void> require_payload(const MessageFrame& message, size_t least) {
    if (message.payload.size() >= least) return {};
    return fail(ErrorCode::ProtocolViolation, "control message {:#06x} with {} of {} bytes", message.type,
                message.payload.size(), least);
}

[[nodiscard]] inline Bytes join_message(uint16_t type, ByteView payload) {
    Bytes message(kMessageHeaderBytes + payload.size());
    store_le<uint16_t>(message.data(), type);
    store_le<uint16_t>(&message[2], static_cast<uint16_t>(payload.size()));
    std::ranges::copy(payload, message.begin() + kMessageHeaderBytes);
    return message;
}

}  // namespace punktfunk::gs_control
