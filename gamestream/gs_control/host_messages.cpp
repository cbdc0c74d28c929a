#include <algorithm>

#include "field_writer.hpp"
#include "message_frame.hpp"
#include "punktfunk/gs_control/messages.hpp"

namespace punktfunk::gs_control {
namespace {

enum HostType : uint16_t {
    kTermination = 0x0109,
    kRumble = 0x010B,
    kHdrMode = 0x010E,
    kTriggerRumble = 0x5500,
    kMotionReports = 0x5501,
    kLedColour = 0x5502,
    kAdaptiveTriggers = 0x5503,
};

constexpr uint8_t kRightTrigger = 0x04, kLeftTrigger = 0x08;
constexpr size_t kHdrFields = 13;

// In the order of the message.
template <typename Metadata>
auto fields_of(Metadata& m) {
    return std::array{&m.red.x,
                      &m.red.y,
                      &m.green.x,
                      &m.green.y,
                      &m.blue.x,
                      &m.blue.y,
                      &m.white.x,
                      &m.white.y,
                      &m.max_luminance,
                      &m.min_luminance,
                      &m.max_content_light_level,
                      &m.max_frame_average_light_level,
                      &m.max_full_frame_luminance};
}

struct HostMessageEncoder {
    Bytes operator()(const Ignored&) const { return {}; }
    Bytes operator()(const Termination& end) const {
        return join_message(kTermination, FieldWriter().be<uint32_t>(static_cast<uint32_t>(end.code)).bytes());
    }
    Bytes operator()(const Rumble& rumble) const {
        return join_message(kRumble, FieldWriter()
                                         .le<uint32_t>(0)
                                         .le<uint16_t>(rumble.controller)
                                         .le<uint16_t>(rumble.low_frequency)
                                         .le<uint16_t>(rumble.high_frequency)
                                         .bytes());
    }
    Bytes operator()(const TriggerRumble& rumble) const {
        return join_message(
            kTriggerRumble,
            FieldWriter().le<uint16_t>(rumble.controller).le<uint16_t>(rumble.left).le<uint16_t>(rumble.right).bytes());
    }
    Bytes operator()(const MotionReports& reports) const {
        return join_message(kMotionReports, FieldWriter()
                                                .le<uint16_t>(reports.controller)
                                                .le<uint16_t>(reports.rate_hz)
                                                .u8(static_cast<uint8_t>(reports.type))
                                                .bytes());
    }
    Bytes operator()(const LedColour& colour) const {
        return join_message(
            kLedColour,
            FieldWriter().le<uint16_t>(colour.controller).u8(colour.red).u8(colour.green).u8(colour.blue).bytes());
    }
    Bytes operator()(const AdaptiveTriggers& triggers) const {
        const TriggerEffect left = triggers.left.value_or(TriggerEffect{});
        const TriggerEffect right = triggers.right.value_or(TriggerEffect{});
        return join_message(kAdaptiveTriggers,
                            FieldWriter()
                                .le<uint16_t>(triggers.controller)
                                .u8(static_cast<uint8_t>((triggers.right ? kRightTrigger : 0u) |
                                                         (triggers.left ? unsigned{kLeftTrigger} : 0u)))
                                .u8(left.type)
                                .u8(right.type)
                                .append(left.parameters)
                                .append(right.parameters)
                                .bytes());
    }
    Bytes operator()(const HdrMode& hdr) const {
        FieldWriter writer;
        writer.u8(hdr.enabled ? 1 : 0);
        for (const uint16_t* field : fields_of(hdr.metadata)) writer.le<uint16_t>(*field);
        return join_message(kHdrMode, writer.bytes());
    }
};

HdrMode decode_hdr(ByteView payload) {
    HdrMode hdr{.enabled = payload[0] != 0};
    ByteReader reader(payload.subspan(1));
    const auto fields = fields_of(hdr.metadata);
    static_assert(std::tuple_size_v<decltype(fields_of(hdr.metadata))> == kHdrFields);
    for (uint16_t* field : fields) *field = reader.read<uint16_t>().value_or(0);
    return hdr;
}

AdaptiveTriggers decode_triggers(ByteView payload) {
    AdaptiveTriggers triggers{.controller = load_le<uint16_t>(payload.data())};
    const auto effect = [&](size_t type_at, size_t parameters_at) {
        TriggerEffect found{.type = payload[type_at]};
        std::ranges::copy(payload.subspan(parameters_at, found.parameters.size()), found.parameters.begin());
        return found;
    };
    if ((payload[2] & kLeftTrigger) != 0) triggers.left = effect(3, 5);
    if ((payload[2] & kRightTrigger) != 0) triggers.right = effect(4, 15);
    return triggers;
}

}  // namespace

Result<HostMessage> decode_host_message(ByteView bytes) {
    const auto message = split_message(bytes);
    if (!message) return std::unexpected(message.error());
    const ByteView payload = message->payload;
    const auto le16 = [&](size_t at) { return load_le<uint16_t>(&payload[at]); };
    const auto with = [&](size_t least, auto make) -> Result<HostMessage> {
        if (auto enough = require_payload(*message, least); !enough) return std::unexpected(std::move(enough.error()));
        return make();
    };
    switch (message->type) {
        case kTermination:
            return with(4, [&] { return Termination{TerminationCode{load_be<uint32_t>(payload.data())}}; });
        case kRumble:
            return with(10, [&] { return Rumble{le16(4), le16(6), le16(8)}; });
        case kHdrMode:
            return with(1, [&] { return decode_hdr(payload); });
        case kTriggerRumble:
            return with(6, [&] { return TriggerRumble{le16(0), le16(2), le16(4)}; });
        case kMotionReports:
            return with(5, [&] { return MotionReports{le16(0), le16(2), MotionType{payload[4]}}; });
        case kLedColour:
            return with(5, [&] { return LedColour{le16(0), payload[2], payload[3], payload[4]}; });
        case kAdaptiveTriggers:
            return with(25, [&] { return decode_triggers(payload); });
        default:
            return Ignored{message->type};
    }
}

Bytes encode(const HostMessage& message) {
    return std::visit(HostMessageEncoder{}, message);
}

}  // namespace punktfunk::gs_control
