// FFmpeg's word for a codec.
#pragma once

extern "C" {
#include <libavcodec/codec_id.h>
}

#include "video_decoder.hpp"

namespace punktfunk::media {

inline AVCodecID codec_id(Codec codec) {
    switch (codec) {
        case Codec::H264:
            return AV_CODEC_ID_H264;
        case Codec::Hevc:
            return AV_CODEC_ID_HEVC;
        case Codec::Av1:
            break;
    }
    return AV_CODEC_ID_AV1;
}

}  // namespace punktfunk::media
