#include "punktfunk/session/packetizer.hpp"

#include <algorithm>
#include <cstring>

namespace punktfunk::session {

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

Result<PacketBatch> Packetizer::packetize(ByteView access_unit, uint64_t pts_ns, uint32_t user_flags) {
    const size_t payload = config_.shard_payload, per_block = config_.max_data_per_block, wire = config_.wire_bytes();
    if (access_unit.size() > config_.max_frame_bytes) {
        return fail(ErrorCode::Unsupported, "an access unit of {} bytes is over the session's {}", access_unit.size(),
                    config_.max_frame_bytes);
    }
    const size_t total = std::max<size_t>(1, (access_unit.size() + payload - 1) / payload);
    const size_t blocks = (total + per_block - 1) / per_block;
    const size_t most = per_block + fec::recovery_count(std::min(per_block, total), config_.fec_percent);
    if (blocks > 65535 || std::min(most, total + fec::recovery_count(total, config_.fec_percent)) >
                              fec::max_total_shards(config_.scheme)) {
        return fail(ErrorCode::Unsupported, "an access unit of {} bytes does not fit the erasure code",
                    access_unit.size());
    }

    size_t packets = total;
    for (size_t first = 0; first < total; first += per_block)
        packets += fec::recovery_count(std::min(per_block, total - first), config_.fec_percent);
    if (arena_.size() < packets * wire) arena_.resize(packets * wire);
    const size_t header_at = sealer_ ? crypto::kSequenceBytes : 0;
    const size_t shard_at = header_at + kPacketHeaderBytes;

    // Data shards are copied once, to where they will be sent from; parity is computed in its place beside them.
    uint8_t* packet = arena_.data();
    PacketHeader header{.pts_ns = pts_ns,
                        .frame_index = frame_index_,
                        .frame_bytes = static_cast<uint32_t>(access_unit.size()),
                        .user_flags = user_flags,
                        .block_count = static_cast<uint16_t>(blocks),
                        .shard_bytes = config_.shard_payload,
                        .version = config_.version,
                        .fec_scheme = static_cast<uint8_t>(config_.scheme)};
    for (size_t block = 0; block < blocks; ++block) {
        const size_t first = block * per_block;
        const size_t k = std::min(per_block, total - first);
        const size_t m = fec::recovery_count(k, config_.fec_percent);
        data_.resize(k);
        parity_.resize(m);
        for (size_t i = 0; i < k; ++i) {
            uint8_t* shard = packet + i * wire + shard_at;
            const size_t offset = (first + i) * payload;
            const size_t length = offset < access_unit.size() ? std::min(payload, access_unit.size() - offset) : 0;
            if (length > 0) std::memcpy(shard, access_unit.data() + offset, length);
            std::memset(shard + length, 0, payload - length);
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
    ++frame_index_;
    return PacketBatch{{arena_.data(), packets * wire}, wire, packets};
}

}  // namespace punktfunk::session
