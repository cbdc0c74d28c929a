// What data and parity datagrams look like (spec §7.3, §7.5).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "punktfunk/fec/erasure_code.hpp"
#include "punktfunk/gs_audio/audio_config.hpp"
#include "punktfunk/gs_media/rtp_header.hpp"

namespace punktfunk::gs_audio {

inline constexpr uint8_t kRtpFirstByte = 0x80, kDataType = 97, kParityType = 127;

// A parity datagram's second header, after RTP's.
struct ParityHeader {
    static constexpr size_t kBytes = 12;
    uint8_t shard = 0;
    uint16_t base_sequence = 0;
    uint32_t base_timestamp = 0;

    void store(uint8_t* to) const {
        to[0] = shard;
        to[1] = kDataType;
        store_be<uint16_t>(to + 2, base_sequence);
        store_be<uint32_t>(to + 4, base_timestamp);
        store_be<uint32_t>(to + 8, 0);
    }
    [[nodiscard]] static ParityHeader load(const uint8_t* from) {
        return {from[0], load_be<uint16_t>(from + 2), load_be<uint32_t>(from + 4)};
    }
};
inline constexpr size_t kParityPayloadAt = gs_media::kRtpHeaderBytes + ParityHeader::kBytes;
static_assert(kParityPayloadAt + kMaxPayloadBytes == kMaxDatagram);

// Not the video's matrix: this one is fixed.
inline constexpr std::array<uint8_t, kParityPackets * kBlockPackets> kParityRows{0x77, 0x40, 0x38, 0x0E,
                                                                                 0xC7, 0xA7, 0x0D, 0x6C};
[[nodiscard]] inline std::shared_ptr<const fec::ErasureCode> parity_code() {
    return fec::matrix_code(kParityRows, kBlockPackets);
}

}  // namespace punktfunk::gs_audio
