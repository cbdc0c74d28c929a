// Frames to access units. Backends are probed in order NVENC, VAAPI, software; which one it became is always said.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/capture/frame_source.hpp"

namespace punktfunk::encode {

enum class Codec : uint8_t { H264, Hevc, Av1 };
[[nodiscard]] std::string_view to_string(Codec codec);

// How the stream's Y'CbCr is meant; what is captured is sRGB.
enum class Matrix : uint8_t { Bt601, Bt709 };
struct Colour {
    Matrix matrix = Matrix::Bt709;
    bool full_range = false;
    bool operator==(const Colour&) const = default;
};

struct EncoderConfig {
    Codec codec = Codec::Hevc;
    uint32_t width = 0, height = 0, refresh_hz = 60;
    uint32_t bitrate_kbps = 20000;
    // Of a picture, at least, where the encoder can: x265 makes one, AV1 has none.
    uint32_t slices = 1;
    bool more_slices = false;  // the decoder takes more of them, so that several cores may encode a picture
    Colour colour;
    // What the rate control may make of one picture, at whatever rate.
    size_t max_unit_bytes = size_t{64} << 20;
};

// Annex B with the parameter sets in band on every IDR; of AV1 a temporal unit of OBUs with their sizes, a sequence
// header in that of every keyframe.
struct AccessUnit {
    std::span<const uint8_t> data;  // valid until the next encode()
    bool keyframe = false;
    uint64_t convert_ns = 0;  // colour conversion
    uint64_t encode_ns = 0;   // encoder, submit to access unit
};

// One thread. No B-frames, no look-ahead: one frame in, one access unit out. Infinite GOP.
class VideoEncoder {
  public:
    virtual ~VideoEncoder() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;  // "libx264 (software)"
    virtual Result<AccessUnit> encode(const capture::Frame& frame, bool force_keyframe) = 0;
    // From the next frame on, without a restart where the encoder can.
    virtual Result<void> set_bitrate(uint32_t kbps) = 0;
};

struct ProbeResult {
    std::string encoder;  // FFmpeg's name
    Codec codec;
    bool available = false;
    std::string reason;  // why not, and what to install
};
// Opens each candidate once, in order of preference. Cheap to keep; call at start.
[[nodiscard]] std::vector<ProbeResult> probe_encoders();

// The first available of `probed` for the codec. NotAvailable lists every reason.
Result<std::unique_ptr<VideoEncoder>> make_encoder(const EncoderConfig& config, std::span<const ProbeResult> probed);

}  // namespace punktfunk::encode
