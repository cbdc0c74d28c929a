// The datagrams by which a client shows the host where its media go (spec §6.1, §7.1): every 500 ms to the video and
// to the audio port, from the sockets on which it receives.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::gs_media {

// What X-SS-Ping-Payload announced: it tells whose ping it is.
using PingPayload = std::array<uint8_t, 16>;

struct Ping {
    // Absent in the ping of a client without that feature: the host knows it by its address alone.
    std::optional<PingPayload> payload;
    uint32_t counter = 0;  // from 1

    // Constant time.
    [[nodiscard]] bool is_from(const PingPayload& session) const;
};

// nullopt for anything else that arrives on the port. A longer datagram is taken by its first 20 bytes.
[[nodiscard]] std::optional<Ping> decode_ping(ByteView datagram);
// 20 bytes, or 4 without a payload.
[[nodiscard]] Bytes encode_ping(const Ping& ping);

}  // namespace punktfunk::gs_media
