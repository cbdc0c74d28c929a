#include "punktfunk/gs_audio/packetizer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "cbc.hpp"
#include "packet_layout.hpp"

namespace punktfunk::gs_audio {

using gs_media::kRtpHeaderBytes;
using gs_media::store_rtp_header;

struct Packetizer::State {
    explicit State(const AudioConfig& session) : config(session), code(parity_code()) {}

    void add_parity();

    AudioConfig config;
    std::optional<Cbc> cipher;
    std::shared_ptr<const fec::ErasureCode> code;
    fec::Workspace workspace;
    uint16_t sequence = 0;
    uint32_t timestamp = 0;  // in milliseconds, whatever RTP says of 48 kHz
    std::array<std::array<uint8_t, kMaxDatagram>, kBlockPackets> data;
    std::array<std::array<uint8_t, kMaxDatagram>, kParityPackets> parity;
    size_t payload_bytes = 0;  // of the block's first packet
    bool even_block = true;    // all of its packets are that long
    std::array<ByteView, 1 + kParityPackets> datagrams;
};

Packetizer::Packetizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Packetizer::Packetizer(Packetizer&&) noexcept = default;
Packetizer& Packetizer::operator=(Packetizer&&) noexcept = default;
Packetizer::~Packetizer() = default;

Result<Packetizer> Packetizer::create(const AudioConfig& config) {
    if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid.error()));
    auto state = std::make_unique<State>(config);
    if (config.key) {
        auto cipher = Cbc::encryptor(*config.key);
        if (!cipher) return std::unexpected(std::move(cipher.error()));
        state->cipher.emplace(std::move(*cipher));
    }
    return Packetizer(std::move(state));
}

Result<std::span<const ByteView>> Packetizer::packetize(ByteView opus) {
    State& s = *state_;
    if (opus.empty()) return fail(ErrorCode::InvalidArgument, "an empty audio packet");
    if (opus.size() > s.config.max_opus_bytes()) {
        return fail(ErrorCode::Unsupported, "an audio packet of {} bytes is over {}", opus.size(),
                    s.config.max_opus_bytes());
    }
    const size_t index = s.sequence % kBlockPackets;
    auto& datagram = s.data[index];
    uint8_t* payload = datagram.data() + kRtpHeaderBytes;
    size_t length = opus.size();
    if (s.cipher) {
        const auto sealed = s.cipher->apply(s.sequence, opus, payload);
        if (!sealed) return fail(ErrorCode::Crypto, "AES-128-CBC failed");
        length = *sealed;
    } else {
        std::memcpy(payload, opus.data(), length);
    }
    store_rtp_header({kRtpFirstByte, kDataType, s.sequence, s.timestamp}, std::span(datagram).first<kRtpHeaderBytes>());
    if (index == 0) {
        s.payload_bytes = length;
        s.even_block = true;
    }
    s.even_block = s.even_block && length == s.payload_bytes;
    s.datagrams[0] = ByteView(datagram).first(kRtpHeaderBytes + length);
    const bool with_parity = index + 1 == kBlockPackets && s.even_block;
    if (with_parity) s.add_parity();
    ++s.sequence;
    s.timestamp += static_cast<uint32_t>(s.config.packet_duration.count());
    return std::span<const ByteView>(s.datagrams).first(with_parity ? 1 + kParityPackets : 1);
}

void Packetizer::State::add_parity() {
    std::array<const uint8_t*, kBlockPackets> from;
    std::array<uint8_t*, kParityPackets> to;
    for (size_t i = 0; i < from.size(); ++i) from[i] = data[i].data() + kRtpHeaderBytes;
    for (size_t j = 0; j < to.size(); ++j) to[j] = parity[j].data() + kParityPayloadAt;
    (void)code->encode(from, to, payload_bytes, workspace);  // of a shape it was made for

    constexpr uint16_t kBefore = kBlockPackets - 1;
    const auto duration = static_cast<uint32_t>(config.packet_duration.count());
    ParityHeader header{.base_sequence = static_cast<uint16_t>(sequence - kBefore),
                        .base_timestamp = timestamp - kBefore * duration};
    for (size_t j = 0; j < parity.size(); ++j) {
        header.shard = static_cast<uint8_t>(j);
        store_rtp_header({kRtpFirstByte, kParityType, static_cast<uint16_t>(sequence + 1 + j), 0},
                         std::span(parity[j]).first<kRtpHeaderBytes>());
        header.store(parity[j].data() + kRtpHeaderBytes);
        datagrams[1 + j] = ByteView(parity[j]).first(kParityPayloadAt + payload_bytes);
    }
}

}  // namespace punktfunk::gs_audio
