// The typed control messages (spec §2.6, §2.7, §11.5).
#include <algorithm>

#include "punktfunk/wire/control.hpp"
#include "punktfunk/wire/device_name.hpp"

namespace punktfunk::wire {

namespace {

constexpr std::string_view kTypedMagic = "PKFc";

enum Type : uint8_t {
    kReconfigure = 0x01,
    kReconfigured = 0x02,
    kRequestKeyframe = 0x03,
    kLossReport = 0x04,
    kSetBitrate = 0x05,
    kBitrateChanged = 0x06,
    kRfiRequest = 0x07,
    kPipelineGap = 0x0A,
    kPairRequest = 0x10,
    kPairChallenge = 0x11,
    kPairProof = 0x12,
    kPairResult = 0x13,
    kProbeRequest = 0x20,
    kProbeResult = 0x21,
    kClockProbe = 0x30,
    kClockEcho = 0x31,
    kPathReport = 0xF0,
    kRecoveryReport = 0xF1,
};

ByteWriter& operator<<(ByteWriter& writer, const Mode& mode) {
    return writer.write<uint32_t>(mode.width).write<uint32_t>(mode.height).write<uint32_t>(mode.refresh_hz);
}

// One overload per message: its type byte and its body.
Type put(ByteWriter& w, const Reconfigure& m) {
    w << m.mode;
    return kReconfigure;
}
Type put(ByteWriter& w, const Reconfigured& m) {
    w.write<uint8_t>(m.accepted ? 1 : 0) << m.mode;
    return kReconfigured;
}
Type put(ByteWriter&, const RequestKeyframe&) {
    return kRequestKeyframe;
}
Type put(ByteWriter& w, const LossReport& m) {
    w.write<uint32_t>(m.loss_ppm);
    return kLossReport;
}
Type put(ByteWriter& w, const SetBitrate& m) {
    w.write<uint32_t>(m.kbps);
    return kSetBitrate;
}
Type put(ByteWriter& w, const BitrateChanged& m) {
    w.write<uint32_t>(m.kbps);
    return kBitrateChanged;
}
Type put(ByteWriter& w, const RfiRequest& m) {
    w.write<uint32_t>(m.first).write<uint32_t>(m.last);
    return kRfiRequest;
}
Type put(ByteWriter& w, const PipelineGap& m) {
    w.write<uint32_t>(m.ms);
    return kPipelineGap;
}
Type put(ByteWriter& w, const PairRequest& m) {
    const std::string_view name = std::string_view(m.name).substr(0, kMaxDeviceName);
    w.write<uint8_t>(static_cast<uint8_t>(name.size())).append(name);
    w.write<uint16_t>(static_cast<uint16_t>(m.spake.size())).append(m.spake);
    return kPairRequest;
}
Type put(ByteWriter& w, const PairChallenge& m) {
    w.write<uint16_t>(static_cast<uint16_t>(m.spake.size())).append(m.spake).append(m.confirm);
    return kPairChallenge;
}
Type put(ByteWriter& w, const PairProof& m) {
    w.append(m.confirm);
    return kPairProof;
}
Type put(ByteWriter& w, const PairResult& m) {
    w.write<uint8_t>(m.ok ? 1 : 0);
    return kPairResult;
}
Type put(ByteWriter& w, const ProbeRequest& m) {
    w.write<uint32_t>(m.target_kbps).write<uint32_t>(m.duration_ms);
    return kProbeRequest;
}
Type put(ByteWriter& w, const ProbeResult& m) {
    w.write<uint64_t>(m.bytes_sent).write<uint32_t>(m.packets_sent).write<uint32_t>(m.duration_ms);
    if (m.wire) w.write<uint32_t>(m.wire->packets_sent).write<uint32_t>(m.wire->packets_dropped);
    return kProbeResult;
}
Type put(ByteWriter& w, const ClockProbe& m) {
    w.write<uint64_t>(m.t1_ns);
    return kClockProbe;
}
Type put(ByteWriter& w, const ClockEcho& m) {
    w.write<uint64_t>(m.t1_ns).write<uint64_t>(m.t2_ns).write<uint64_t>(m.t3_ns);
    return kClockEcho;
}
Type put(ByteWriter& w, const PathReport& m) {
    w.write<uint32_t>(m.kbps);
    return kPathReport;
}
Type put(ByteWriter& w, const RecoveryReport& m) {
    w.write<uint64_t>(m.shards);
    return kRecoveryReport;
}

Mode mode_at(const uint8_t* at) {
    return {load_le<uint32_t>(at), load_le<uint32_t>(at + 4), load_le<uint32_t>(at + 8)};
}

std::array<uint8_t, 32> mac_at(const uint8_t* at) {
    std::array<uint8_t, 32> mac{};
    std::copy_n(at, mac.size(), mac.begin());
    return mac;
}

// The pairing messages carry their own lengths and must end exactly.
std::optional<TypedMessage> decode_pair_request(ByteView body) {
    ByteReader reader(body);
    const auto name_length = reader.read<uint8_t>();
    if (!name_length || *name_length > kMaxDeviceName) return std::nullopt;
    const auto name = reader.take(*name_length);
    const auto spake_length = name ? reader.read<uint16_t>() : std::nullopt;
    const auto spake = spake_length ? reader.take(*spake_length) : std::nullopt;
    if (!spake || reader.remaining() != 0) return std::nullopt;
    return PairRequest{std::string(name->begin(), name->end()), Bytes(spake->begin(), spake->end())};
}

std::optional<TypedMessage> decode_pair_challenge(ByteView body) {
    ByteReader reader(body);
    const auto spake_length = reader.read<uint16_t>();
    const auto spake = spake_length ? reader.take(*spake_length) : std::nullopt;
    if (!spake || reader.remaining() != 32) return std::nullopt;
    return PairChallenge{Bytes(spake->begin(), spake->end()), mac_at(reader.rest().data())};
}

}  // namespace

Bytes encode(const TypedMessage& message) {
    ByteWriter body;
    const Type type = std::visit([&](const auto& m) { return put(body, m); }, message);
    ByteWriter writer;
    writer.append(kTypedMagic).write<uint8_t>(type).append(std::move(body).finish());
    return std::move(writer).finish();
}

std::optional<TypedMessage> decode_typed(ByteView payload) {
    if (payload.size() < 5 || !std::equal(kTypedMagic.begin(), kTypedMagic.end(), payload.begin())) return std::nullopt;
    const ByteView body = payload.subspan(5);
    const uint8_t* at = body.data();
    const auto has = [&](size_t bytes) { return body.size() >= bytes; };
    switch (payload[4]) {
        case kReconfigure:
            if (has(12)) return Reconfigure{mode_at(at)};
            break;
        case kReconfigured:
            if (has(13)) return Reconfigured{at[0] != 0, mode_at(at + 1)};
            break;
        case kRequestKeyframe:
            return RequestKeyframe{};
        case kLossReport:
            if (has(4)) return LossReport{load_le<uint32_t>(at)};
            break;
        case kSetBitrate:
            if (has(4)) return SetBitrate{load_le<uint32_t>(at)};
            break;
        case kBitrateChanged:
            if (has(4)) return BitrateChanged{load_le<uint32_t>(at)};
            break;
        case kRfiRequest:
            if (has(8)) return RfiRequest{load_le<uint32_t>(at), load_le<uint32_t>(at + 4)};
            break;
        case kPipelineGap:
            if (has(4)) return PipelineGap{load_le<uint32_t>(at)};
            break;
        case kPairRequest:
            return decode_pair_request(body);
        case kPairChallenge:
            return decode_pair_challenge(body);
        case kPairProof:
            if (has(32)) return PairProof{mac_at(at)};
            break;
        case kPairResult:
            if (has(1)) return PairResult{at[0] != 0};
            break;
        case kProbeRequest:
            if (has(8)) return ProbeRequest{load_le<uint32_t>(at), load_le<uint32_t>(at + 4)};
            break;
        case kProbeResult:
            if (has(16)) {
                ProbeResult result{load_le<uint64_t>(at), load_le<uint32_t>(at + 8), load_le<uint32_t>(at + 12), {}};
                if (has(24)) result.wire = ProbeWireCounts{load_le<uint32_t>(at + 16), load_le<uint32_t>(at + 20)};
                return result;
            }
            break;
        case kClockProbe:
            if (has(8)) return ClockProbe{load_le<uint64_t>(at)};
            break;
        case kClockEcho:
            if (has(24)) return ClockEcho{load_le<uint64_t>(at), load_le<uint64_t>(at + 8), load_le<uint64_t>(at + 16)};
            break;
        case kPathReport:
            if (has(4)) return PathReport{load_le<uint32_t>(at)};
            break;
        case kRecoveryReport:
            if (has(8)) return RecoveryReport{load_le<uint64_t>(at)};
            break;
        default:
            break;
    }
    return std::nullopt;
}

}  // namespace punktfunk::wire
