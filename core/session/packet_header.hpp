// The 40-byte video packet header (spec §4.3).
#pragma once

#include <cstdint>
#include <span>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::session {

inline constexpr size_t kPacketHeaderBytes = 40;
inline constexpr uint8_t kPacketMagic = 0xC9;

// user_flags (§4.4) and header flags share these bits.
inline constexpr uint32_t kFlagPicture = 0x1, kFlagEndOfFrame = 0x2, kFlagStartOfFrame = 0x4, kFlagProbe = 0x8;
inline constexpr uint32_t kKeyframe = kFlagPicture | kFlagStartOfFrame;
inline constexpr uint32_t kDeltaFrame = kFlagPicture;

struct PacketHeader {
    uint64_t pts_ns = 0;
    uint32_t frame_index = 0, stream_seq = 0, frame_bytes = 0, user_flags = 0;
    uint16_t block_index = 0, block_count = 1, data_shards = 0, recovery_shards = 0, shard_index = 0, shard_bytes = 0;
    uint8_t magic = kPacketMagic, version = 1, fec_scheme = 1, flags = 0;
    bool operator==(const PacketHeader&) const = default;
};

void store_header(const PacketHeader& header, std::span<uint8_t, kPacketHeaderBytes> out);
[[nodiscard]] PacketHeader load_header(std::span<const uint8_t, kPacketHeaderBytes> in);

}  // namespace punktfunk::session
