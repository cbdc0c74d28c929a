#include "punktfunk/gs_audio/audio_layout.hpp"

#include <algorithm>

namespace punktfunk::gs_audio {
namespace {

constexpr std::array<uint8_t, 8> kIdentity{0, 1, 2, 3, 4, 5, 6, 7};
constexpr AudioLayout kLayouts[] = {
    {2, false, 1, 1, 96'000, kIdentity},   {2, true, 1, 1, 512'000, kIdentity},  {6, false, 4, 2, 256'000, kIdentity},
    {6, true, 6, 0, 1'536'000, kIdentity}, {8, false, 5, 3, 450'000, kIdentity}, {8, true, 8, 0, 2'048'000, kIdentity},
};

}  // namespace

std::span<const AudioLayout> audio_layouts() {
    return kLayouts;
}

const AudioLayout* find_layout(unsigned channels, bool high_quality) {
    const auto* found = std::ranges::find_if(kLayouts, [&](const AudioLayout& layout) {
        return layout.channels == channels && layout.high_quality == high_quality;
    });
    return found == std::end(kLayouts) ? nullptr : found;
}

}  // namespace punktfunk::gs_audio
