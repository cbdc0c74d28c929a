#include "opus_layout.hpp"

#include <algorithm>

namespace punktfunk::rtsp {

namespace {

bool rotates(uint32_t channels, bool high_quality) {
    return channels > 2 && !high_quality;
}

}  // namespace

OpusLayout standard_layout(uint32_t channels, bool high_quality) {
    constexpr std::array<uint8_t, 8> kIdentity{0, 1, 2, 3, 4, 5, 6, 7};
    OpusLayout layout;
    switch (channels) {
        case 8:
            layout = high_quality ? OpusLayout{8, 8, 0, kIdentity, 2048} : OpusLayout{8, 5, 3, kIdentity, 450};
            break;
        case 6:
            layout = high_quality ? OpusLayout{6, 6, 0, kIdentity, 1536} : OpusLayout{6, 4, 2, kIdentity, 256};
            break;
        default:
            layout = OpusLayout{2, 1, 1, kIdentity, high_quality ? 512u : 96u};
    }
    std::fill(layout.mapping.begin() + layout.channels, layout.mapping.end(), uint8_t{0});
    return layout;
}

std::string to_surround_params(const OpusLayout& layout, bool high_quality) {
    auto mapping = layout.mapping;
    const auto last = mapping.begin() + layout.channels;
    if (rotates(layout.channels, high_quality)) std::rotate(mapping.begin() + 3, mapping.begin() + 4, last);
    std::string digits;
    for (const uint32_t number : {layout.channels, layout.streams, layout.coupled_streams})
        digits += static_cast<char>('0' + number);
    for (auto channel = mapping.begin(); channel != last; ++channel) digits += static_cast<char>('0' + *channel);
    return digits;
}

std::optional<OpusLayout> parse_surround_params(std::string_view digits, bool high_quality) {
    if (digits.size() < 3 || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    const auto number = [&](size_t at) { return static_cast<uint32_t>(digits[at] - '0'); };
    OpusLayout layout{number(0), number(1), number(2), {}, 0};
    if ((layout.channels != 2 && layout.channels != 6 && layout.channels != 8) ||
        digits.size() != 3 + layout.channels || layout.coupled_streams > layout.streams ||
        layout.streams + layout.coupled_streams != layout.channels)
        return std::nullopt;
    uint32_t heard = 0;
    for (uint32_t i = 0; i < layout.channels; ++i) {
        layout.mapping[i] = static_cast<uint8_t>(number(3 + i));
        heard |= 1u << layout.mapping[i];
    }
    if (heard != (1u << layout.channels) - 1) return std::nullopt;
    const auto last = layout.mapping.begin() + layout.channels;
    if (rotates(layout.channels, high_quality)) std::rotate(layout.mapping.begin() + 3, last - 1, last);
    layout.bitrate_kbps = standard_layout(layout.channels, high_quality).bitrate_kbps;
    return layout;
}

}  // namespace punktfunk::rtsp
