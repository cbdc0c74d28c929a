// Opus streams of a channel layout, and how they are told to clients (spec §4.7, §7.2).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punktfunk::rtsp {

// As libopus' multistream encoder takes it. Channel order: FL FR C LFE BL BR SL SR.
struct OpusLayout {
    uint32_t channels = 2;  // 2, 6 or 8
    uint32_t streams = 1, coupled_streams = 1;
    std::array<uint8_t, 8> mapping{0, 1};  // of the first `channels`; a permutation
    uint32_t bitrate_kbps = 96;            // of all streams together
    bool operator==(const OpusLayout&) const = default;
};

// The host's own. `channels` is 2, 6 or 8.
[[nodiscard]] OpusLayout standard_layout(uint32_t channels, bool high_quality);

// The digits after surround-params=: channels, streams, coupled streams, mapping. Clients take the normal layouts of 6
// and 8 channels for NVIDIA's order, LFE last, and rotate them: so those are published rotated the other way.
[[nodiscard]] std::string to_surround_params(const OpusLayout& layout, bool high_quality);
// What a client makes of such digits, which is what has to be encoded. nullopt when they are no layout for 2, 6 or 8
// channels in which every coded channel is heard once. The bitrate is the standard layout's.
[[nodiscard]] std::optional<OpusLayout> parse_surround_params(std::string_view digits, bool high_quality);

}  // namespace punktfunk::rtsp
