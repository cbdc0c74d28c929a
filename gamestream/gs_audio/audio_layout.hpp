// How each layout a client can ask for is encoded with Opus (spec §7.2): 48 kHz, multistream, restricted low delay,
// constant bitrate, no DTX. Channels come and go in the order FL FR C LFE BL BR SL SR.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace punktfunk::gs_audio {

inline constexpr int kSampleRate = 48'000;

struct AudioLayout {
    uint8_t channels;
    bool high_quality;  // x-nv-audio.surround.AudioQuality; stereo is always taken as such by stock clients
    uint8_t streams, coupled;
    uint32_t bitrate_bps;
    std::array<uint8_t, 8> mapping;  // of the decoder; the first `channels` count
};

[[nodiscard]] std::span<const AudioLayout> audio_layouts();
// nullptr for a number of channels that is none of 2, 6 and 8.
[[nodiscard]] const AudioLayout* find_layout(unsigned channels, bool high_quality);

}  // namespace punktfunk::gs_audio
