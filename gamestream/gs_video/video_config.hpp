// What a client's ANNOUNCE says about the video packets, and how large a frame they can carry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "punktfunk/base/error.hpp"
#include "punktfunk/gs_media/stream_key.hpp"

namespace punktfunk::gs_video {

struct VideoConfig {
    uint16_t packet_bytes = 1392;  // x-nv-video[0].packetSize: a multiple of 16, 64 to 8992
    uint8_t fec_percent = 20;      // 0: no parity at all
    uint8_t min_fec_packets = 2;   // x-nv-vqos[0].fec.minRequiredFecPackets, of each block
    // Set when encryptionEnabled has bit 1 (SS_ENC_VIDEO); the client has taken 32 off packetSize then.
    std::optional<gs_media::StreamKey> key;

    [[nodiscard]] Result<void> validate() const;  // InvalidArgument names the field
    [[nodiscard]] size_t payload_bytes() const;   // of the frame in each packet
    [[nodiscard]] size_t datagram_bytes() const;  // on the wire, all of them alike
    [[nodiscard]] size_t data_packets(size_t access_unit_bytes) const;
};

// The largest access unit that can be sent. With any fec_percent above 0 it still has parity, if little; an encoder's
// rate control must keep its frames below.
[[nodiscard]] size_t max_frame_bytes(const VideoConfig& config);
// The largest that is sent with the whole fec_percent.
[[nodiscard]] size_t max_fully_protected_bytes(const VideoConfig& config);

}  // namespace punktfunk::gs_video
