#include "punktfunk/gs_video/packetizer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "packet_layout.hpp"
#include "punktfunk/gs_video/fec_plan.hpp"

namespace punktfunk::gs_video {
namespace {

constexpr size_t kCacheLine = 64;

// The frame header and the bitstream, dealt out to payloads.
class Payload {
  public:
    Payload(std::span<const uint8_t, kFrameHeaderBytes> header, ByteView bitstream)
        : header_(header), bitstream_(bitstream) {}

    // The last payload is filled up with zeros: datagrams of one size leave in one system call.
    void fill(std::span<uint8_t> to) {
        take(header_, to);
        take(bitstream_, to);
        if (!to.empty()) std::memset(to.data(), 0, to.size());
    }

  private:
    static void take(ByteView& from, std::span<uint8_t>& to) {
        const size_t length = std::min(from.size(), to.size());
        if (length == 0) return;
        std::memcpy(to.data(), from.data(), length);
        from = from.subspan(length);
        to = to.subspan(length);
    }
    ByteView header_, bitstream_;
};

}  // namespace

uint32_t rtp_timestamp(std::chrono::nanoseconds since_start) {
    using Ticks = std::chrono::duration<int64_t, std::ratio<1, 90000>>;
    const auto ticks = static_cast<uint32_t>(std::chrono::duration_cast<Ticks>(since_start).count());
    return ticks == 0 ? 1 : ticks;
}

struct Packetizer::Block {
    FecBlock shape;
    NvHeader header;  // of its first packet
    gs_media::RtpHeader rtp;
};

Packetizer::Packetizer(const VideoConfig& config, std::unique_ptr<crypto::AesGcm> cipher)
    : config_(config), cipher_(std::move(cipher)), code_(fec::erasure_code(fec::Scheme::Gf8)) {
    // Room for the largest frame at any percentage. What no frame has reached takes addresses, not memory. Laid out so
    // that the first shard, and with the usual packet sizes every shard, begins a cache line.
    const size_t most = most_data_packets(0) * config_.datagram_bytes();
    memory_ = std::make_unique_for_overwrite<uint8_t[]>(most + kCacheLine);
    const size_t shard_at = kShardAt + (cipher_ ? kSealBytes : 0);
    const size_t past = (reinterpret_cast<uintptr_t>(memory_.get()) + shard_at) % kCacheLine;
    arena_ = memory_.get() + (kCacheLine - past) % kCacheLine;
}

Result<Packetizer> Packetizer::create(const VideoConfig& config) {
    if (auto valid = config.validate(); !valid) return std::unexpected(std::move(valid.error()));
    std::unique_ptr<crypto::AesGcm> cipher;
    if (config.key) {
        cipher = crypto::make_aes_gcm(config.key->bytes);
        if (!cipher) return fail(ErrorCode::Crypto, "AES-128-GCM is not available");
    }
    return Packetizer(config, std::move(cipher));
}

Result<PacketBatch> Packetizer::packetize(ByteView access_unit, const FrameInfo& info) {
    const size_t payload = config_.payload_bytes(), wire = config_.datagram_bytes();
    const size_t total = config_.data_packets(access_unit.size());
    const auto plan = plan_fec(total, config_.fec_percent, config_.min_fec_packets);
    if (!plan) {
        return fail(ErrorCode::Unsupported, "an access unit of {} bytes is over the {} that packets of {} can carry",
                    access_unit.size(), max_frame_bytes(config_), config_.packet_bytes);
    }
    const size_t used = kFrameHeaderBytes + access_unit.size();
    const auto header =
        encode_frame_header({.type = info.type,
                             .host_latency = info.host_latency,
                             .last_payload_bytes = static_cast<uint16_t>(used - (total - 1) * payload)});
    Payload source(header, access_unit);

    const auto blocks = plan->blocks();
    const size_t shard_at = kShardAt + (cipher_ ? kSealBytes : 0);
    uint8_t* packets = arena_;
    for (size_t b = 0; b < blocks.size(); ++b) {
        const size_t k = blocks[b].data, m = blocks[b].parity;
        Block block{blocks[b],
                    {.packet_index = packet_index_,
                     .frame_index = frame_index_,
                     .extra_flags = info.long_term_reference ? kExtraLongTermReference : uint8_t{0},
                     .block = static_cast<uint8_t>(b),
                     .last_block = static_cast<uint8_t>(blocks.size() - 1),
                     .fec_percent = blocks[b].percent,
                     .data_shards = static_cast<uint16_t>(k)},
                    {.first = kRtpFirstByte, .sequence = sequence_, .timestamp = info.rtp_timestamp}};
        // A data shard is copied once, to where it will be sent from.
        NvHeader nv = block.header;
        for (size_t i = 0; i < k; ++i) {
            uint8_t* shard = packets + i * wire + shard_at;
            nv.packet_index = block.header.packet_index + static_cast<uint32_t>(i);
            nv.flags = static_cast<uint8_t>(kFlagPicture | (i == 0 ? kFlagStartOfBlock : 0u) |
                                            (i + 1 == k ? kFlagEndOfBlock : 0u));
            nv.store_protected(shard);
            source.fill({shard + kNvHeaderBytes, payload});
        }
        if (auto done = protect(packets, block); !done) return std::unexpected(std::move(done.error()));
        packet_index_ += static_cast<uint32_t>(k);
        sequence_ = static_cast<uint16_t>(sequence_ + k + m);
        packets += (k + m) * wire;
    }
    const size_t count = plan->packets();
    return PacketBatch{{arena_, count * wire}, wire, count, frame_index_++};
}

// Parity, headers and seal of a block whose data shards lie where they belong.
Result<void> Packetizer::protect(uint8_t* packets, const Block& block) {
    const size_t wire = config_.datagram_bytes(), packet_at = cipher_ ? kSealBytes : 0, shard_at = packet_at + kShardAt;
    const size_t k = block.shape.data, m = block.shape.parity;
    NvHeader nv = block.header;
    gs_media::RtpHeader rtp = block.rtp;
    const auto stamp = [&](size_t from, size_t to) {
        for (size_t i = from; i < to; ++i) {
            uint8_t* packet = packets + i * wire + packet_at;
            nv.shard = static_cast<uint16_t>(i);
            rtp.sequence = static_cast<uint16_t>(block.rtp.sequence + i);
            store_rtp_header(rtp, std::span<uint8_t, gs_media::kRtpHeaderBytes>(packet, gs_media::kRtpHeaderBytes));
            std::memset(packet + gs_media::kRtpHeaderBytes, 0, kShardAt - gs_media::kRtpHeaderBytes);
            nv.store_identity(packet + kShardAt);
        }
    };
    stamp(0, k);
    if (m > 0) {
        std::array<const uint8_t*, kMaxBlockPackets> data;
        std::array<uint8_t*, kMaxBlockPackets> parity;
        for (size_t i = 0; i < k; ++i) data[i] = packets + i * wire + shard_at;
        for (size_t j = 0; j < m; ++j) parity[j] = packets + (k + j) * wire + shard_at;
        auto coded = code_->encode({data.data(), k}, {parity.data(), m}, config_.packet_bytes, workspace_);
        if (!coded) return coded;
        stamp(k, k + m);
    }
    if (cipher_) {
        for (size_t i = 0; i < k + m; ++i) seal(packets + i * wire);
    }
    return {};
}

// The counter begins with the session and never repeats under its key: a resumed session brings a new one.
void Packetizer::seal(uint8_t* datagram) {
    crypto::Nonce nonce{};
    store_le<uint64_t>(nonce.data(), sealed_++);
    nonce.back() = kVideoIvMark;
    std::ranges::copy(nonce, datagram);
    store_le<uint32_t>(datagram + kSealFrameAt, frame_index_);
    cipher_->seal(nonce, {}, {datagram + kSealBytes, config_.datagram_bytes() - kSealBytes},
                  std::span<uint8_t, crypto::kTagBytes>(datagram + kSealTagAt, crypto::kTagBytes));
}

}  // namespace punktfunk::gs_video
