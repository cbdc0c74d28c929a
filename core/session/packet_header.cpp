#include "punktfunk/session/packet_header.hpp"

namespace punktfunk::session {

void store_header(const PacketHeader& header, std::span<uint8_t, kPacketHeaderBytes> out) {
    uint8_t* at = out.data();
    store_le<uint64_t>(at, header.pts_ns);
    store_le<uint32_t>(at + 8, header.frame_index);
    store_le<uint32_t>(at + 12, header.stream_seq);
    store_le<uint32_t>(at + 16, header.frame_bytes);
    store_le<uint32_t>(at + 20, header.user_flags);
    store_le<uint16_t>(at + 24, header.block_index);
    store_le<uint16_t>(at + 26, header.block_count);
    store_le<uint16_t>(at + 28, header.data_shards);
    store_le<uint16_t>(at + 30, header.recovery_shards);
    store_le<uint16_t>(at + 32, header.shard_index);
    store_le<uint16_t>(at + 34, header.shard_bytes);
    at[36] = header.magic;
    at[37] = header.version;
    at[38] = header.fec_scheme;
    at[39] = header.flags;
}

PacketHeader load_header(std::span<const uint8_t, kPacketHeaderBytes> in) {
    const uint8_t* at = in.data();
    return {.pts_ns = load_le<uint64_t>(at),
            .frame_index = load_le<uint32_t>(at + 8),
            .stream_seq = load_le<uint32_t>(at + 12),
            .frame_bytes = load_le<uint32_t>(at + 16),
            .user_flags = load_le<uint32_t>(at + 20),
            .block_index = load_le<uint16_t>(at + 24),
            .block_count = load_le<uint16_t>(at + 26),
            .data_shards = load_le<uint16_t>(at + 28),
            .recovery_shards = load_le<uint16_t>(at + 30),
            .shard_index = load_le<uint16_t>(at + 32),
            .shard_bytes = load_le<uint16_t>(at + 34),
            .magic = at[36],
            .version = at[37],
            .fec_scheme = at[38],
            .flags = at[39]};
}

}  // namespace punktfunk::session
