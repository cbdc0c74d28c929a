// Which encoders are tried, in which order, and how each is told the same thing: no delay, no B-frames, keyframes only
// when asked for, parameter sets in band.
#pragma once

#include <span>
#include <string_view>

#include "av.hpp"
#include "video_encoder.hpp"

extern "C" {
#include <libavutil/hwcontext.h>
}

namespace punktfunk::encode {

struct Candidate {
    const char* ffmpeg_name;
    Codec codec;
    std::string_view kind;        // "NVENC"
    std::string_view needs;       // what has to be installed for it
    AVPixelFormat upload_format;  // what our conversion writes
    AVHWDeviceType device;        // NONE: takes pictures in memory
    bool live_bitrate;            // follows AVCodecContext's rate fields while running
    void (*set_options)(const EncoderConfig& config, AVCodecContext& context, AVDictionary** options);
};

// In order of preference.
[[nodiscard]] std::span<const Candidate> candidates();
[[nodiscard]] const Candidate* find_candidate(std::string_view ffmpeg_name);

}  // namespace punktfunk::encode
