#include "stream_config.hpp"

#include <algorithm>

namespace punktfunk::rtsp {

uint32_t video_bitrate_kbps(uint32_t configured_kbps, uint32_t fec_percentage, uint32_t audio_channels,
                            bool high_quality_audio) {
    uint64_t kbps = configured_kbps;
    if (fec_percentage <= 80) kbps = kbps * (100 - fec_percentage) / 100;
    kbps -= std::min<uint64_t>(uint64_t{audio_channels} * (high_quality_audio ? 256 : 96), kbps / 5);
    kbps -= std::min<uint64_t>(500, kbps / 10);
    return std::max(1u, static_cast<uint32_t>(kbps));
}

}  // namespace punktfunk::rtsp
