// What a stock client reads out of DESCRIBE and writes into ANNOUNCE (spec §4.6 to §4.8).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punktfunk::moonlight_client {

enum class Codec : uint8_t { H264 = 0, Hevc = 1, Av1 = 2 };

// What its user has set.
struct StreamWish {
    uint32_t width = 640, height = 360, fps = 30;
    uint32_t bitrate_kbps = 10'000;  // 15000 and more: high quality sound
    Codec codec = Codec::H264;
    uint32_t channels = 2;  // 2, 6 or 8
    bool encrypt_video = false, encrypt_audio = false;
    uint32_t packet_size = 1024;  // before encryption takes its 32 bytes
    uint32_t packet_ms = 5;
    uint32_t display_hz_x100 = 6000;
    bool invalidates_frames = true;  // the decoder can do without a lost reference
    bool tells_fec_status = true;
};

struct OpusStreams {
    uint32_t channels = 2, streams = 1, coupled = 1;
    std::array<uint8_t, 8> mapping{0, 1};
    bool operator==(const OpusStreams&) const = default;
};

struct HostOffer {
    uint32_t feature_flags = 0, encryption_supported = 0, encryption_requested = 0;
    bool invalidates_frames = false, hevc = false, av1 = false;
    std::string body;  // for surround-params
};
[[nodiscard]] HostOffer read_describe(std::string_view body);

// Bits: control 1, video 2, audio 4.
[[nodiscard]] uint32_t choose_encryption(const HostOffer& offer, const StreamWish& wish);
[[nodiscard]] bool wants_high_quality(const HostOffer& offer, const StreamWish& wish);
// Rotated as clients do in normal quality. nullopt: 7.1 without a layout, which ends the handshake with -4.
[[nodiscard]] std::optional<OpusStreams> choose_layout(const HostOffer& offer, uint32_t channels, bool high_quality);
// What is announced as x-nv-video[0].packetSize.
[[nodiscard]] uint32_t packet_size(const StreamWish& wish, uint32_t encryption);

struct Announcement {
    StreamWish wish;
    uint32_t encryption = 0;
    bool high_quality = false;
    std::string host_ip;
    uint16_t video_port = 0;
};
[[nodiscard]] std::string announce_body(const Announcement& announcement);

}  // namespace punktfunk::moonlight_client
