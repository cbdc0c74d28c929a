#include "punktfunk/gs_audio/depacketizer.hpp"

#include <algorithm>
#include <array>

#include "cbc.hpp"
#include "packet_layout.hpp"

namespace punktfunk::gs_audio {
namespace {

using gs_media::kRtpHeaderBytes;

constexpr size_t kShards = kBlockPackets + kParityPackets;

// A datagram as a shard of its block.
struct Shard {
    size_t index = 0;  // data first, then parity
    uint16_t base_sequence = 0;
    uint32_t base_timestamp = 0;
    ByteView payload;
};

std::optional<Shard> parse(ByteView datagram, uint32_t duration) {
    if (datagram.size() <= kRtpHeaderBytes || datagram.size() > kMaxDatagram) return std::nullopt;
    const auto rtp = gs_media::load_rtp_header(datagram.first<kRtpHeaderBytes>());
    if (rtp.first != kRtpFirstByte) return std::nullopt;
    if (rtp.payload_type == kDataType) {
        const auto index = static_cast<uint16_t>(rtp.sequence % kBlockPackets);
        return Shard{index, static_cast<uint16_t>(rtp.sequence - index), rtp.timestamp - index * duration,
                     datagram.subspan(kRtpHeaderBytes)};
    }
    if (rtp.payload_type != kParityType || datagram.size() <= kParityPayloadAt) return std::nullopt;
    const auto header = ParityHeader::load(&datagram[kRtpHeaderBytes]);
    if (header.shard >= kParityPackets || header.base_sequence % kBlockPackets != 0) return std::nullopt;
    return Shard{kBlockPackets + header.shard, header.base_sequence, header.base_timestamp,
                 datagram.subspan(kParityPayloadAt)};
}

}  // namespace

struct Depacketizer::State {
    explicit State(const AudioConfig& session)
        : config(session), duration(static_cast<uint32_t>(session.packet_duration.count())), code(parity_code()) {}

    bool enter(const Shard& shard);
    void begin(const Shard& shard);
    void flush();
    void restore();
    void deliver_in_order();
    void deliver(size_t index);

    AudioConfig config;
    uint32_t duration;
    std::optional<Cbc> cipher;
    std::shared_ptr<const fec::ErasureCode> code;
    fec::Workspace workspace;
    ReceiveStats stats;

    bool started = false;
    uint16_t base_sequence = 0;
    uint32_t base_timestamp = 0;
    size_t payload_bytes = 0;
    size_t next = 0;  // to be delivered, in the block
    std::array<bool, kShards> present{};
    std::array<bool, kBlockPackets> recovered{};
    std::array<std::array<uint8_t, kMaxPayloadBytes>, kShards> payloads;

    // One datagram can end a block of which three packets are held, and bring one of the next.
    std::array<std::array<uint8_t, kMaxPayloadBytes + kCipherBlock>, kBlockPackets> texts;
    std::array<ReceivedAudio, kBlockPackets> ready;
    size_t ready_count = 0;
};

Depacketizer::Depacketizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Depacketizer::Depacketizer(Depacketizer&&) noexcept = default;
Depacketizer& Depacketizer::operator=(Depacketizer&&) noexcept = default;
Depacketizer::~Depacketizer() = default;

Result<Depacketizer> Depacketizer::create(const AudioConfig& config) {
    if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid.error()));
    auto state = std::make_unique<State>(config);
    if (config.key) {
        auto cipher = Cbc::decryptor(*config.key);
        if (!cipher) return std::unexpected(std::move(cipher.error()));
        state->cipher.emplace(std::move(*cipher));
    }
    return Depacketizer(std::move(state));
}

const ReceiveStats& Depacketizer::stats() const {
    return state_->stats;
}

std::span<const ReceivedAudio> Depacketizer::push(ByteView datagram) {
    State& s = *state_;
    ++s.stats.packets;
    s.ready_count = 0;
    const auto shard = parse(datagram, s.duration);
    if (!shard || shard->payload.size() > kMaxPayloadBytes) {
        ++s.stats.malformed;
        return {};
    }
    if (!s.enter(*shard)) return {s.ready.data(), s.ready_count};
    s.present[shard->index] = true;
    std::ranges::copy(shard->payload, s.payloads[shard->index].begin());
    s.deliver_in_order();
    if (s.next < kBlockPackets && std::ranges::count(s.present, true) >= static_cast<int>(kBlockPackets)) s.restore();
    return {s.ready.data(), s.ready_count};
}

// Whether the shard is a new one of the block that is being received, which it may begin.
bool Depacketizer::State::enter(const Shard& shard) {
    const int ahead = gs_media::sequence_distance(shard.base_sequence, base_sequence);
    if (!started && shard.index != 0) {
        ++stats.late;
        return false;
    }
    if (!started || ahead > 0) {
        if (started) {
            flush();
            stats.lost += static_cast<uint64_t>(ahead) - kBlockPackets;
        }
        begin(shard);
    } else if (ahead < 0 || present[shard.index]) {
        ++stats.late;
        return false;
    }
    if (shard.payload.size() != payload_bytes || shard.base_timestamp != base_timestamp) {
        ++stats.malformed;
        return false;
    }
    return true;
}

void Depacketizer::State::begin(const Shard& shard) {
    started = true;
    base_sequence = shard.base_sequence;
    base_timestamp = shard.base_timestamp;
    payload_bytes = shard.payload.size();
    next = 0;
    present.fill(false);
    recovered.fill(false);
}

// Gives the block up: what waits behind a gap comes out, what is not there is lost.
void Depacketizer::State::flush() {
    for (; next < kBlockPackets; ++next) {
        if (present[next]) {
            deliver(next);
        } else {
            ++stats.lost;
        }
    }
}

void Depacketizer::State::restore() {
    std::array<uint8_t*, kBlockPackets> data;
    std::array<uint8_t, kBlockPackets> there;
    std::array<const uint8_t*, kParityPackets> parity;
    for (size_t i = 0; i < data.size(); ++i) {
        data[i] = payloads[i].data();
        there[i] = present[i] ? 1 : 0;
    }
    for (size_t j = 0; j < parity.size(); ++j) {
        parity[j] = present[kBlockPackets + j] ? payloads[kBlockPackets + j].data() : nullptr;
    }
    if (!code->reconstruct(data, there, parity, payload_bytes, workspace)) return;
    for (size_t i = 0; i < data.size(); ++i) {
        recovered[i] = !present[i];
        present[i] = true;
    }
    deliver_in_order();
}

void Depacketizer::State::deliver_in_order() {
    for (; next < kBlockPackets && present[next]; ++next) deliver(next);
}

void Depacketizer::State::deliver(size_t index) {
    const auto sequence = static_cast<uint16_t>(base_sequence + index);
    const ByteView payload = ByteView(payloads[index]).first(payload_bytes);
    auto& text = texts[ready_count];
    size_t length = payload.size();
    if (cipher) {
        const auto opened = cipher->apply(sequence, payload, text.data());
        if (!opened) {
            ++stats.malformed;
            return;
        }
        length = *opened;
    } else {
        std::ranges::copy(payload, text.begin());
    }
    ready[ready_count++] = {ByteView(text).first(length), sequence,
                            base_timestamp + static_cast<uint32_t>(index) * duration, recovered[index]};
    ++stats.delivered;
    if (recovered[index]) ++stats.recovered;
}

}  // namespace punktfunk::gs_audio
