// What a client's ANNOUNCE and /launch say about the audio packets.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "punktfunk/base/error.hpp"
#include "punktfunk/gs_media/stream_key.hpp"

namespace punktfunk::gs_audio {

inline constexpr size_t kBlockPackets = 4, kParityPackets = 2;
inline constexpr size_t kMaxDatagram = 1400;
inline constexpr size_t kMaxPayloadBytes = 1376;  // what a parity packet leaves of it

struct AudioKey {
    gs_media::StreamKey key;
    uint32_t id = 0;  // rikeyid, its two's complement
};

struct AudioConfig {
    std::chrono::milliseconds packet_duration{5};  // x-nv-aqos.packetDuration: 5 or 10
    // Set when encryptionEnabled has bit 2 or x-nv-general.featureFlags 0x20: clients ask for it in either way.
    std::optional<AudioKey> key;

    [[nodiscard]] Result<void> validate() const;  // InvalidArgument names the field
    [[nodiscard]] size_t max_opus_bytes() const;  // of one packet
};

}  // namespace punktfunk::gs_audio
