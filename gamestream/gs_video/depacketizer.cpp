#include "punktfunk/gs_video/depacketizer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "packet_layout.hpp"
#include "punktfunk/crypto/aes_gcm.hpp"
#include "punktfunk/fec/erasure_code.hpp"
#include "punktfunk/gs_video/fec_plan.hpp"

namespace punktfunk::gs_video {
namespace {

// What the packets of one block must agree on.
struct BlockShape {
    uint16_t data = 0, parity = 0;
    uint8_t percent = 0, last_block = 0;
    uint16_t first_sequence = 0;
    uint32_t rtp_timestamp = 0;
    bool operator==(const BlockShape&) const = default;
};

enum class Progress { Waiting, Failed, BlockDone };

}  // namespace

struct Depacketizer::State {
    explicit State(const VideoConfig& session) : config(session), code(fec::erasure_code(fec::Scheme::Gf8)) {}

    std::span<uint8_t> open(std::span<uint8_t> datagram);
    std::optional<ReceivedFrame> take(std::span<uint8_t> packet);
    bool enter(const NvHeader& nv, const BlockShape& shape);
    Progress store(const NvHeader& nv, ByteView shard);
    [[nodiscard]] bool restore();
    [[nodiscard]] bool consistent() const;
    std::optional<ReceivedFrame> finish();
    void give_up();

    VideoConfig config;
    std::unique_ptr<crypto::AesGcm> cipher;
    std::shared_ptr<const fec::ErasureCode> code;
    fec::Workspace workspace;
    ReceiveStats stats;

    bool started = false;
    uint32_t frame_index = 0;
    bool over = true;        // this frame is complete or given up
    uint8_t next_block = 0;  // the one that is being received
    Bytes frame;             // payloads of the finished blocks
    size_t recovered = 0;

    bool block_begun = false;
    BlockShape shape;
    uint16_t next_sequence = 0;  // of the block after the last one
    size_t received = 0;
    std::vector<uint8_t> present;
    Bytes shards;

    [[nodiscard]] uint8_t* shard(size_t index) { return shards.data() + index * config.packet_bytes; }
    [[nodiscard]] const uint8_t* shard(size_t index) const { return shards.data() + index * config.packet_bytes; }
};

Depacketizer::Depacketizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Depacketizer::Depacketizer(Depacketizer&&) noexcept = default;
Depacketizer& Depacketizer::operator=(Depacketizer&&) noexcept = default;
Depacketizer::~Depacketizer() = default;

Result<Depacketizer> Depacketizer::create(const VideoConfig& config) {
    if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid.error()));
    auto state = std::make_unique<State>(config);
    if (config.key) {
        state->cipher = crypto::make_aes_gcm(config.key->bytes);
        if (!state->cipher) return fail(ErrorCode::Crypto, "AES-128-GCM is not available");
    }
    return Depacketizer(std::move(state));
}

const ReceiveStats& Depacketizer::stats() const {
    return state_->stats;
}

std::optional<ReceivedFrame> Depacketizer::push(std::span<uint8_t> datagram) {
    ++state_->stats.packets;
    const auto packet = state_->open(datagram);
    if (packet.size() <= kShardAt + kNvHeaderBytes || packet.size() > kShardAt + state_->config.packet_bytes) {
        ++state_->stats.malformed;
        return std::nullopt;
    }
    return state_->take(packet);
}

// The RTP packet inside; empty when it is not for us.
std::span<uint8_t> Depacketizer::State::open(std::span<uint8_t> datagram) {
    if (!cipher) return datagram;
    if (datagram.size() < kSealBytes) return {};
    crypto::Nonce nonce;
    std::copy_n(datagram.begin(), nonce.size(), nonce.begin());
    const auto tag = datagram.subspan<kSealTagAt, crypto::kTagBytes>();
    const auto packet = datagram.subspan(kSealBytes);
    return cipher->open(nonce, {}, packet, tag) ? packet : std::span<uint8_t>{};
}

std::optional<ReceivedFrame> Depacketizer::State::take(std::span<uint8_t> packet) {
    const auto rtp = gs_media::load_rtp_header(packet.first<gs_media::kRtpHeaderBytes>());
    const ByteView shard_bytes = packet.subspan(kShardAt);
    const auto nv = NvHeader::load(shard_bytes.data());
    const size_t parity = fec::recovery_count(nv.data_shards, nv.fec_percent);
    const bool whole = shard_bytes.size() == config.packet_bytes;
    const bool may_be_short = nv.block == nv.last_block && nv.shard + 1 == nv.data_shards;
    if (rtp.first != kRtpFirstByte || nv.frame_index == 0 || shard_bytes[10] != kMultiFec || nv.block > nv.last_block ||
        nv.data_shards == 0 || (parity > 0 && nv.data_shards + parity > kMaxBlockPackets) ||
        nv.shard >= nv.data_shards + parity || (!whole && !may_be_short)) {
        ++stats.malformed;
        return std::nullopt;
    }
    const BlockShape said{.data = nv.data_shards,
                          .parity = static_cast<uint16_t>(parity),
                          .percent = nv.fec_percent,
                          .last_block = nv.last_block,
                          .first_sequence = static_cast<uint16_t>(rtp.sequence - nv.shard),
                          .rtp_timestamp = rtp.timestamp};
    if (!enter(nv, said)) return std::nullopt;
    switch (store(nv, shard_bytes)) {
        case Progress::Waiting:
            return std::nullopt;
        case Progress::Failed:
            give_up();
            return std::nullopt;
        case Progress::BlockDone:
            break;
    }
    for (size_t i = 0; i < shape.data; ++i) {
        frame.insert(frame.end(), shard(i) + kNvHeaderBytes, shard(i) + config.packet_bytes);
    }
    next_sequence = static_cast<uint16_t>(shape.first_sequence + shape.data + shape.parity);
    block_begun = false;
    if (next_block++ < shape.last_block) return std::nullopt;
    return finish();
}

// Whether the packet belongs to the block that is being received, which it may begin.
bool Depacketizer::State::enter(const NvHeader& nv, const BlockShape& said) {
    const auto ahead = static_cast<int32_t>(nv.frame_index - frame_index);
    if (!started || ahead > 0) {
        if (!over) give_up();
        if (started) stats.frames_lost += static_cast<uint64_t>(ahead) - 1;
        started = true;
        over = false;
        frame_index = nv.frame_index;
        next_block = 0;
        block_begun = false;
        frame.clear();
        recovered = 0;
    } else if (ahead < 0 || over || nv.block < next_block) {
        ++stats.late;
        return false;
    }
    if (nv.block > next_block) {
        give_up();
        return false;
    }
    if (!block_begun) {
        if (nv.block > 0 && (said.first_sequence != next_sequence || said.last_block != shape.last_block ||
                             said.rtp_timestamp != shape.rtp_timestamp)) {
            ++stats.malformed;
            return false;
        }
        block_begun = true;
        shape = said;
        received = 0;
        present.assign(size_t{said.data} + said.parity, 0);
        if (const size_t needed = present.size() * config.packet_bytes; shards.size() < needed) shards.resize(needed);
    }
    if (!(said == shape)) {
        ++stats.malformed;
        return false;
    }
    return true;
}

Progress Depacketizer::State::store(const NvHeader& nv, ByteView bytes) {
    if (present[nv.shard] != 0) {
        ++stats.late;
        return Progress::Waiting;
    }
    present[nv.shard] = 1;
    std::ranges::copy(bytes, shard(nv.shard));
    std::memset(shard(nv.shard) + bytes.size(), 0, config.packet_bytes - bytes.size());
    if (++received < shape.data) return Progress::Waiting;
    return restore() && consistent() ? Progress::BlockDone : Progress::Failed;
}

bool Depacketizer::State::restore() {
    std::array<uint8_t*, kMaxBlockPackets> data;
    std::array<const uint8_t*, kMaxBlockPackets> parity;
    const size_t k = shape.data, m = shape.parity;
    const auto missing = static_cast<size_t>(std::ranges::count(std::span(present).first(k), 0));
    if (missing == 0) return true;
    for (size_t i = 0; i < k; ++i) data[i] = shard(i);
    for (size_t j = 0; j < m; ++j) parity[j] = present[k + j] != 0 ? shard(k + j) : nullptr;
    if (!code->reconstruct({data.data(), k}, std::span(present).first(k), {parity.data(), m}, config.packet_bytes,
                           workspace)) {
        return false;
    }
    recovered += missing;
    stats.recovered_packets += missing;
    return true;
}

// The bytes that parity protects, received or restored, are those of one block.
bool Depacketizer::State::consistent() const {
    const auto first = NvHeader::load(shard(0));
    for (size_t i = 0; i < shape.data; ++i) {
        const auto nv = NvHeader::load(shard(i));
        const auto flags =
            kFlagPicture | (i == 0 ? kFlagStartOfBlock : 0u) | (i + 1 == shape.data ? unsigned{kFlagEndOfBlock} : 0u);
        if (nv.flags != flags || nv.extra_flags != first.extra_flags ||
            nv.packet_index != ((first.packet_index + i) & kPacketIndexMask)) {
            return false;
        }
    }
    return true;
}

std::optional<ReceivedFrame> Depacketizer::State::finish() {
    const auto header = decode_frame_header(std::span(frame).first<kFrameHeaderBytes>());
    const size_t payload = config.payload_bytes();
    const size_t length = header ? frame.size() - payload + header->last_payload_bytes : 0;
    if (!header || header->last_payload_bytes == 0 || header->last_payload_bytes > payload ||
        length < kFrameHeaderBytes) {
        ++stats.malformed;
        give_up();
        return std::nullopt;
    }
    over = true;
    ++stats.frames;
    return ReceivedFrame{.access_unit = ByteView(frame).subspan(kFrameHeaderBytes, length - kFrameHeaderBytes),
                         .frame_index = frame_index,
                         .rtp_timestamp = shape.rtp_timestamp,
                         .type = header->type,
                         .host_latency = header->host_latency,
                         .long_term_reference = (NvHeader::load(shard(0)).extra_flags & kExtraLongTermReference) != 0,
                         .recovered_packets = recovered};
}

void Depacketizer::State::give_up() {
    over = true;
    ++stats.frames_lost;
}

}  // namespace punktfunk::gs_video
