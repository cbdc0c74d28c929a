#include "codec_support.hpp"

namespace punktfunk::nvhttp {

const Profiles& CodecSupport::of(Codec codec) const {
    switch (codec) {
        case Codec::H264:
            return h264;
        case Codec::Hevc:
            return hevc;
        case Codec::Av1:
            break;
    }
    return av1;
}

bool CodecSupport::supports(Codec codec, bool ten_bit, bool yuv444) const {
    if (codec == Codec::H264 && ten_bit) return false;
    const Profiles& profiles = of(codec);
    if (yuv444) return ten_bit ? profiles.yuv444_10 : profiles.yuv444;
    return ten_bit ? profiles.main10 : profiles.main;
}

uint32_t CodecSupport::server_codec_mode_support() const {
    const auto bit = [](bool has, uint32_t mask) { return has ? mask : 0; };
    return bit(h264.main, 0x1) | bit(h264.yuv444, 0x40000) |            //
           bit(hevc.main, 0x100) | bit(hevc.main10, 0x200) |            //
           bit(hevc.yuv444, 0x80000) | bit(hevc.yuv444_10, 0x100000) |  //
           bit(av1.main, 0x10000) | bit(av1.main10, 0x20000) |          //
           bit(av1.yuv444, 0x200000) | bit(av1.yuv444_10, 0x400000);
}

}  // namespace punktfunk::nvhttp
