// The twelve bytes that begin every media datagram (RFC 3550 §5.1, as spec §6.2 and §7.3 use it: no CSRC, SSRC 0).
#pragma once

#include <cstdint>
#include <span>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::gs_media {

inline constexpr size_t kRtpHeaderBytes = 12;

struct RtpHeader {
    uint8_t first = 0;  // version and extension bit
    uint8_t payload_type = 0;
    uint16_t sequence = 0;
    uint32_t timestamp = 0;
    bool operator==(const RtpHeader&) const = default;
};

inline void store_rtp_header(const RtpHeader& header, std::span<uint8_t, kRtpHeaderBytes> to) {
    to[0] = header.first;
    to[1] = header.payload_type;
    store_be<uint16_t>(&to[2], header.sequence);
    store_be<uint32_t>(&to[4], header.timestamp);
    store_be<uint32_t>(&to[8], 0);
}

[[nodiscard]] inline RtpHeader load_rtp_header(std::span<const uint8_t, kRtpHeaderBytes> from) {
    return {from[0], from[1], load_be<uint16_t>(&from[2]), load_be<uint32_t>(&from[4])};
}

// How far `a` is ahead of `b`, negative when it is behind (spec §0.1).
[[nodiscard]] constexpr int16_t sequence_distance(uint16_t a, uint16_t b) {
    return static_cast<int16_t>(static_cast<uint16_t>(a - b));
}

}  // namespace punktfunk::gs_media
