// What a Hello asks for against what this host has: pure rules (spec §2.8, §11.2), no sockets.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>

#include "punktfunk/encode/video_encoder.hpp"
#include "punktfunk/quic/quic.hpp"
#include "punktfunk/stream/stream_session.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::native {

// A typed refusal: the close code the peer can switch on and the words for its user.
struct Refusal {
    quic::CloseCode code = quic::CloseCode::SetupFailed;
    std::string reason;
};

struct Negotiated {
    display::Mode mode;
    encode::Codec codec = encode::Codec::Hevc;
    uint32_t bitrate_kbps = 20000;
    bool single_slice = true;
};

[[nodiscard]] std::expected<Negotiated, Refusal> negotiate(const wire::Hello& hello,
                                                           std::span<const encode::ProbeResult> encoders);

// Its bit in Hello.video_codecs, and what Welcome says.
[[nodiscard]] uint8_t wire_codec(encode::Codec codec);

// Even, non-zero, at most 8192 a side; 1..480 Hz.
[[nodiscard]] bool mode_is_valid(const wire::Mode& mode);

// The client's choice, else the host's, else an Xbox 360 pad (§8.5): never Auto.
[[nodiscard]] wire::Gamepad resolve_gamepad(wire::Gamepad client, wire::Gamepad host);

// 0 is the default of 20 000; otherwise within [500, 8 000 000].
[[nodiscard]] uint32_t clamp_bitrate_kbps(uint32_t asked);

// The largest access unit a v0.31 client takes (§11.2); refresh_hz is not 0.
[[nodiscard]] size_t max_unit_bytes(uint32_t bitrate_kbps, uint32_t refresh_hz);

}  // namespace punktfunk::native
