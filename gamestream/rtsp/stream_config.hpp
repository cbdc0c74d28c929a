// What a handshake has agreed on: everything the host needs to start a GameStream session's streams.
#pragma once

#include <cstdint>

#include "opus_layout.hpp"
#include "punktfunk/nvhttp/codec_support.hpp"

namespace punktfunk::rtsp {

// As bits: control 1, video 2, audio 4.
struct Encryption {
    bool control = false;  // the control stream's second scheme (V2); without it nonces repeat, see spec §5.3
    bool video = false;    // AES-128-GCM
    bool audio = false;    // AES-128-CBC
    bool operator==(const Encryption&) const = default;

    [[nodiscard]] uint32_t bits() const { return (control ? 1u : 0) | (video ? 2u : 0) | (audio ? 4u : 0); }
    [[nodiscard]] static Encryption of(uint32_t bits) { return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0}; }
    [[nodiscard]] bool covers(const Encryption& other) const { return (other.bits() & ~bits()) == 0; }
};

enum class ColourSpace : uint8_t { Bt601 = 0, Bt709 = 1, Bt2020 = 2 };

struct VideoConfig {
    uint32_t width = 0, height = 0;   // pixels, 1..8192, the height even
    uint32_t refresh_millihertz = 0;  // 1 to 1000 Hz, give or take 1 %
    uint32_t bitrate_kbps = 0;        // for the encoder: parity, sound and control are taken off already
    nvhttp::Codec codec = nvhttp::Codec::H264;
    bool ten_bit = false;  // a 10-bit format; HDR when the display is
    bool yuv444 = false;
    ColourSpace colour_space = ColourSpace::Bt601;
    bool full_range = false;
    uint32_t slices_per_frame = 1;      // at least so many, H.264 and HEVC
    uint32_t max_reference_frames = 0;  // 0: no limit
    bool intra_refresh = false;
    uint32_t packet_size = 0;         // P of spec §6.2: a multiple of 16; encryption's 32 bytes are taken off already
    uint32_t fec_percentage = 0;      // the host's own, as given
    uint32_t min_parity_packets = 0;  // in every block
    bool mark_dscp = false;           // the client is local: packets may be marked
};

struct AudioConfig {
    OpusLayout layout;
    uint32_t channel_mask = 3;  // WAVEFORMATEXTENSIBLE speaker bits
    bool high_quality = false;
    uint32_t packet_ms = 5;  // 5 or 10
    bool mark_dscp = false;
};

struct StreamConfig {
    VideoConfig video;
    AudioConfig audio;
    Encryption encryption;
    bool reports_fec_status = false;  // the client sends control messages 0x5502
    bool knows_ping_payload = false;  // false: its pings are the four bytes PING, and connect data is 0
};

// Spec §4.9: what is left of the user's `configured_kbps` for the encoder, never 0. Example: 20000, 20 %, stereo in
// high quality: 14988.
[[nodiscard]] uint32_t video_bitrate_kbps(uint32_t configured_kbps, uint32_t fec_percentage, uint32_t audio_channels,
                                          bool high_quality_audio);

}  // namespace punktfunk::rtsp
