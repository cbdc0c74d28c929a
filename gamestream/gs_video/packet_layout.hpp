// Where things lie in a video datagram (spec §6.2, §6.7):
//
//   [ IV 12 | frame number 4 | tag 16 ]  RTP 12 | reserved 4 | NV header 16 | payload      the seal only when encrypted
//                                                            '---------- shard ---------'
//
// The parity is computed over the shards. Of the NV header it protects the packet index and the flags; the client
// overwrites the rest in a packet it restores, so parity packets carry real values there.
#pragma once

#include <cstddef>
#include <cstdint>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/gs_media/rtp_header.hpp"

namespace punktfunk::gs_video {

inline constexpr size_t kNvHeaderBytes = 16;
inline constexpr size_t kShardAt = gs_media::kRtpHeaderBytes + 4;
inline constexpr uint8_t kRtpFirstByte = 0x90;  // version 2 and the bit that announces the reserved bytes

// The seal before an encrypted packet.
inline constexpr size_t kSealFrameAt = 12, kSealTagAt = 16, kSealBytes = 32;
// Ends the IV. No control or RTSP nonce under the same key ends like this.
inline constexpr uint8_t kVideoIvMark = 'V';

inline constexpr uint8_t kFlagPicture = 0x1, kFlagEndOfBlock = 0x2, kFlagStartOfBlock = 0x4;
inline constexpr uint8_t kExtraLongTermReference = 0x1;
inline constexpr uint8_t kMultiFec = 0x10;
inline constexpr uint32_t kPacketIndexMask = 0xFFFFFF;

struct NvHeader {
    uint32_t packet_index = 0;  // of data packets, 24 bits
    uint32_t frame_index = 0;
    uint8_t flags = 0, extra_flags = 0;
    uint8_t block = 0, last_block = 0;  // 0 to 3
    uint8_t fec_percent = 0;
    uint16_t shard = 0, data_shards = 0;  // 10 bits

    // What every packet of a block says for itself, parity packets included.
    void store_identity(uint8_t* shard_bytes) const {
        store_le<uint32_t>(shard_bytes + 4, frame_index);
        shard_bytes[10] = kMultiFec;
        shard_bytes[11] = static_cast<uint8_t>(block << 4 | last_block << 6);
        store_le<uint32_t>(shard_bytes + 12, static_cast<uint32_t>(data_shards) << 22 |
                                                 static_cast<uint32_t>(shard) << 12 |
                                                 static_cast<uint32_t>(fec_percent) << 4);
    }
    // What parity protects: in a parity packet these bytes are parity.
    void store_protected(uint8_t* shard_bytes) const {
        store_le<uint32_t>(shard_bytes, packet_index << 8);
        shard_bytes[8] = flags;
        shard_bytes[9] = extra_flags;
    }
    [[nodiscard]] static NvHeader load(const uint8_t* shard_bytes) {
        const auto fec = load_le<uint32_t>(shard_bytes + 12);
        return {.packet_index = load_le<uint32_t>(shard_bytes) >> 8,
                .frame_index = load_le<uint32_t>(shard_bytes + 4),
                .flags = shard_bytes[8],
                .extra_flags = shard_bytes[9],
                .block = static_cast<uint8_t>(shard_bytes[11] >> 4 & 3),
                .last_block = static_cast<uint8_t>(shard_bytes[11] >> 6),
                .fec_percent = static_cast<uint8_t>(fec >> 4),
                .shard = static_cast<uint16_t>(fec >> 12 & 0x3FF),
                .data_shards = static_cast<uint16_t>(fec >> 22)};
    }
};

}  // namespace punktfunk::gs_video
