// Access units to pictures, one in, one out, on the caller's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::media {

enum class Codec : uint8_t { H264, Hevc };

struct RgbPicture {
    uint32_t width = 0, height = 0;
    std::vector<uint8_t> pixels;  // R,G,B, row after row without padding
};

class VideoDecoder {
  public:
    static Result<std::unique_ptr<VideoDecoder>> open(Codec codec);
    ~VideoDecoder();

    // One whole access unit, Annex B. An error means there is no picture for it; a keyframe mends the decoder.
    Result<void> decode(ByteView access_unit);
    // The picture of the last successful decode(), by the matrix and range the stream states. NotAvailable before it.
    Result<RgbPicture> picture() const;

  private:
    struct State;
    explicit VideoDecoder(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::media
