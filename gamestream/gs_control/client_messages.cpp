#include "field_writer.hpp"
#include "message_frame.hpp"
#include "punktfunk/gs_control/messages.hpp"

namespace punktfunk::gs_control {
namespace {

enum ClientType : uint16_t {
    kKeepAlive = 0x0200,
    kInput = 0x0206,
    kInvalidateFrames = 0x0301,
    kRequestIdr = 0x0302,
    kStartB = 0x0307,
    kAcknowledgeFrame = 0x0350,
    kFrameFecStatus = 0x5502,
};

constexpr size_t kInvalidateBytes = 24, kAcknowledgeBytes = 8, kFecStatusBytes = 21;

FrameFecStatus decode_fec_status(ByteView payload) {
    const auto be16 = [&](size_t at) { return load_be<uint16_t>(&payload[at]); };
    return {.frame = load_be<uint32_t>(payload.data()),
            .highest_received_sequence = be16(4),
            .next_contiguous_sequence = be16(6),
            .missing_before_highest = be16(8),
            .total_data = be16(10),
            .total_parity = be16(12),
            .received_data = be16(14),
            .received_parity = be16(16),
            .fec_percent = payload[18],
            .block = payload[19],
            .block_count = payload[20]};
}

struct ClientMessageEncoder {
    Bytes operator()(const Ignored&) const { return {}; }
    Bytes operator()(const RequestIdr&) const {
        return join_message(kRequestIdr, FieldWriter().le<uint16_t>(0).bytes());
    }
    Bytes operator()(const StartB&) const { return join_message(kStartB, FieldWriter().u8(0).bytes()); }
    Bytes operator()(const KeepAlive&) const {
        return join_message(kKeepAlive, FieldWriter().le<uint16_t>(4).le<uint32_t>(0).le<uint16_t>(0).bytes());
    }
    Bytes operator()(const InvalidateFrames& lost) const {
        return join_message(kInvalidateFrames,
                            FieldWriter().le<uint64_t>(lost.first).le<uint64_t>(lost.last).le<uint64_t>(0).bytes());
    }
    Bytes operator()(const AcknowledgeFrame& arrived) const {
        return join_message(kAcknowledgeFrame, FieldWriter().le<uint64_t>(arrived.frame).bytes());
    }
    Bytes operator()(const FrameFecStatus& status) const {
        return join_message(kFrameFecStatus, FieldWriter()
                                                 .be<uint32_t>(status.frame)
                                                 .be<uint16_t>(status.highest_received_sequence)
                                                 .be<uint16_t>(status.next_contiguous_sequence)
                                                 .be<uint16_t>(status.missing_before_highest)
                                                 .be<uint16_t>(status.total_data)
                                                 .be<uint16_t>(status.total_parity)
                                                 .be<uint16_t>(status.received_data)
                                                 .be<uint16_t>(status.received_parity)
                                                 .u8(status.fec_percent)
                                                 .u8(status.block)
                                                 .u8(status.block_count)
                                                 .bytes());
    }
    Bytes operator()(const Input& input) const { return join_message(kInput, input.packets); }
};

}  // namespace

Result<ClientMessage> decode_client_message(ByteView bytes) {
    const auto message = split_message(bytes);
    if (!message) return std::unexpected(message.error());
    const ByteView payload = message->payload;
    const auto with = [&](size_t least, auto make) -> Result<ClientMessage> {
        if (auto enough = require_payload(*message, least); !enough) return std::unexpected(std::move(enough.error()));
        return make();
    };
    switch (message->type) {
        case kRequestIdr:
            return RequestIdr{};
        case kStartB:
            return StartB{};
        case kKeepAlive:
            return KeepAlive{};
        case kInput:
            return Input{payload};
        case kInvalidateFrames:
            return with(kInvalidateBytes, [&]() -> Result<ClientMessage> {
                const InvalidateFrames lost{load_le<uint32_t>(payload.data()), load_le<uint32_t>(&payload[8])};
                if (lost.first > lost.last) {
                    return fail(ErrorCode::ProtocolViolation, "lost frames {} to {}", lost.first, lost.last);
                }
                return lost;
            });
        case kAcknowledgeFrame:
            return with(kAcknowledgeBytes, [&] { return AcknowledgeFrame{load_le<uint32_t>(payload.data())}; });
        case kFrameFecStatus:
            return with(kFecStatusBytes, [&] { return decode_fec_status(payload); });
        default:
            return Ignored{message->type};
    }
}

Bytes encode(const ClientMessage& message) {
    return std::visit(ClientMessageEncoder{}, message);
}

}  // namespace punktfunk::gs_control
