// What the host can encode, and how that is said to clients (spec §2.5).
#pragma once

#include <cstdint>

namespace punktfunk::nvhttp {

enum class Codec : uint8_t { H264 = 0, Hevc = 1, Av1 = 2 };  // the values of ANNOUNCE's bitStreamFormat

struct Profiles {
    bool main = false;       // 8 bit, 4:2:0
    bool main10 = false;     // 10 bit, 4:2:0; H.264 has none
    bool yuv444 = false;     // 8 bit, 4:4:4
    bool yuv444_10 = false;  // 10 bit, 4:4:4; H.264 has none
    [[nodiscard]] bool any() const { return main || main10 || yuv444 || yuv444_10; }
};

struct CodecSupport {
    Profiles h264, hevc, av1;

    [[nodiscard]] const Profiles& of(Codec codec) const;
    [[nodiscard]] bool supports(Codec codec, bool ten_bit, bool yuv444) const;
    [[nodiscard]] bool any() const { return server_codec_mode_support() != 0; }
    // ServerCodecModeSupport. 0 makes every client fail at once: a host without a codec should refuse launches in
    // words.
    [[nodiscard]] uint32_t server_codec_mode_support() const;
    // MaxLumaPixelsHEVC: clients refuse HEVC when it is 0.
    [[nodiscard]] uint32_t max_luma_pixels_hevc() const { return hevc.any() ? 1'869'449'984 : 0; }
};

}  // namespace punktfunk::nvhttp
