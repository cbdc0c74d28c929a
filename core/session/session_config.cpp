#include "punktfunk/session/session_config.hpp"

#include <algorithm>
#include <array>

#include "punktfunk/session/packet_header.hpp"

namespace punktfunk::session {

namespace {
constexpr size_t kMaxShardPayload = 2048 - kPacketHeaderBytes - crypto::kSealOverhead;
}

size_t SessionConfig::packet_bytes() const {
    return kPacketHeaderBytes + shard_payload;
}
size_t SessionConfig::wire_bytes() const {
    return packet_bytes() + (encrypt ? crypto::kSealOverhead : 0);
}

uint64_t SessionConfig::max_blocks() const {
    // Any max_frame_bytes a peer or a caller names: nothing here may overflow.
    const auto parts = [](uint64_t whole, uint64_t part) { return whole / part + (whole % part != 0 ? 1 : 0); };
    return std::max<uint64_t>(1, parts(parts(max_frame_bytes, shard_payload), max_data_per_block));
}

Result<void> SessionConfig::validate() const {
    if (shard_payload == 0 || shard_payload % 2 != 0 || shard_payload > kMaxShardPayload) {
        return fail(ErrorCode::InvalidArgument, "shard_payload {} must be even and at most {}", shard_payload,
                    kMaxShardPayload);
    }
    if (max_data_per_block == 0) return fail(ErrorCode::InvalidArgument, "max_data_per_block must not be 0");
    const size_t parity = fec::recovery_count(max_data_per_block, fec_percent);
    if (max_data_per_block + parity > fec::max_total_shards(scheme) ||
        !fec::is_possible(scheme, max_data_per_block, parity)) {
        return fail(ErrorCode::InvalidArgument,
                    "a block of {} data and {} parity shards is too large for the code: lower max_data_per_block or "
                    "fec_percent",
                    max_data_per_block, parity);
    }
    if (max_frame_bytes == 0) return fail(ErrorCode::InvalidArgument, "max_frame_bytes must not be 0");
    if (max_blocks() > 65535)
        return fail(ErrorCode::InvalidArgument, "max_frame_bytes {} needs more than 65535 blocks", max_frame_bytes);
    if (encrypt && key.key == std::array<uint8_t, 16>{})
        return fail(ErrorCode::InvalidArgument, "encryption needs a key that is not all zero");
    return {};
}

}  // namespace punktfunk::session
