#include "punktfunk/session/packetizer.hpp"

#include <algorithm>
#include <cstring>

namespace punktfunk::session {

namespace {
constexpr size_t kAlignment = 64;
}

Packetizer::Packetizer(const SessionConfig& config, std::optional<crypto::Sealer> sealer)
    : config_(config), sealer_(std::move(sealer)), code_(fec::erasure_code(config.scheme)) {}

Result<Packetizer> Packetizer::create(const SessionConfig& config) {
    if (auto valid = config.validate(); !valid) return std::unexpected(valid.error());
    std::optional<crypto::Sealer> sealer;
    if (config.encrypt) {
        auto made = crypto::Sealer::create(config.key, crypto::Direction::HostToClient);
        if (!made) return std::unexpected(made.error());
        sealer.emplace(std::move(*made));
    }
    return Packetizer(config, std::move(sealer));
}

uint8_t* Packetizer::arena_for(size_t packets) {
    const size_t shard_at = kPacketHeaderBytes + (sealer_ ? crypto::kSequenceBytes : 0);
    const size_t lead = (kAlignment - shard_at % kAlignment) % kAlignment;
    const size_t needed = lead + packets * config_.wire_bytes();
    if (arena_bytes_ < needed) {
        // A quarter more than was asked for: frames that grow little by little must not allocate each time.
        arena_.reset();
        arena_ = make_large_buffer(needed + needed / 4);
        arena_bytes_ = arena_ ? needed + needed / 4 : 0;
    }
    return arena_ ? arena_.get() + lead : nullptr;
}

Result<PacketBatch> Packetizer::packetize(ByteView access_unit, uint64_t pts_ns, uint32_t user_flags,
                                          Numbering numbering) {
    const size_t payload = config_.shard_payload, per_block = config_.max_data_per_block, wire = config_.wire_bytes();
    if (access_unit.size() > std::min<uint64_t>(config_.max_frame_bytes, UINT32_MAX)) {
        return fail(ErrorCode::Unsupported, "an access unit of {} bytes is over the session's {}", access_unit.size(),
                    config_.max_frame_bytes);
    }
    const size_t total = std::max<size_t>(1, (access_unit.size() + payload - 1) / payload);
    const size_t blocks = (total + per_block - 1) / per_block;
    const size_t largest = std::min(per_block, total);
    const auto parity_of = [&](size_t data) { return fec::recovery_count(data, config_.fec_percent); };
    if (blocks > 65535 || !fec::is_possible(config_.scheme, largest, parity_of(largest))) {
        return fail(ErrorCode::Unsupported, "an access unit of {} bytes does not fit the erasure code",
                    access_unit.size());
    }
    const size_t last = total - (blocks - 1) * per_block;
    const size_t packets = total + (blocks - 1) * parity_of(per_block) + parity_of(last);
    uint8_t* const arena = arena_for(packets);
    if (arena == nullptr) return fail(ErrorCode::Exhausted, "no memory for {} packets", packets);
    const size_t header_at = sealer_ ? crypto::kSequenceBytes : 0;
    const size_t shard_at = header_at + kPacketHeaderBytes;

    uint32_t& index = numbering == Numbering::Video ? frame_index_ : probe_index_;
    // Data shards are copied once, to where they will be sent from; parity is computed in its place beside them.
    uint8_t* packet = arena;
    PacketHeader header{.pts_ns = pts_ns,
                        .frame_index = index,
                        .frame_bytes = static_cast<uint32_t>(access_unit.size()),
                        .user_flags = user_flags,
                        .block_count = static_cast<uint16_t>(blocks),
                        .shard_bytes = config_.shard_payload,
                        .version = config_.version,
                        .fec_scheme = static_cast<uint8_t>(config_.scheme)};
    for (size_t block = 0; block < blocks; ++block) {
        const size_t k = block + 1 < blocks ? per_block : last, m = parity_of(k);
        ByteView rest = access_unit.subspan(block * per_block * payload);
        data_.resize(k);
        parity_.resize(m);
        for (size_t i = 0; i < k; ++i) {
            uint8_t* shard = packet + i * wire + shard_at;
            const size_t length = std::min(payload, rest.size());
            if (length > 0) std::memcpy(shard, rest.data(), length);
            std::memset(shard + length, 0, payload - length);
            rest = rest.subspan(length);
            data_[i] = shard;
        }
        for (size_t j = 0; j < m; ++j) parity_[j] = packet + (k + j) * wire + shard_at;
        if (m > 0) {
            if (auto coded = code_->encode(data_, parity_, payload, workspace_); !coded)
                return std::unexpected(coded.error());
        }
        header.block_index = static_cast<uint16_t>(block);
        header.data_shards = static_cast<uint16_t>(k);
        header.recovery_shards = static_cast<uint16_t>(m);
        for (size_t i = 0; i < k + m; ++i, packet += wire) {
            header.shard_index = static_cast<uint16_t>(i);
            header.stream_seq = stream_seq_++;
            header.flags = static_cast<uint8_t>(kFlagPicture | (block == 0 && i == 0 ? kFlagStartOfFrame : 0u) |
                                                (block + 1 == blocks && i + 1 == k + m ? kFlagEndOfFrame : 0u));
            store_header(header, std::span<uint8_t, kPacketHeaderBytes>(packet + header_at, kPacketHeaderBytes));
            if (sealer_) sealer_->seal_in_place({packet, wire});
        }
    }
    ++index;
    return PacketBatch{{arena, packets * wire}, wire, packets};
}

}  // namespace punktfunk::session
