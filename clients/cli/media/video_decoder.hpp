// Access units to pictures, one in, one out, on the caller's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::media {

enum class Codec : uint8_t { H264, Hevc, Av1 };
[[nodiscard]] std::string_view to_string(Codec codec);

struct RgbPicture {
    uint32_t width = 0, height = 0;
    std::vector<uint8_t> pixels;  // R,G,B, row after row without padding
};

// The brightness of a decoded picture, 8 bits a pixel, as the stream has it.
struct LumaPlane {
    const uint8_t* pixels = nullptr;
    size_t stride = 0;
    uint32_t width = 0, height = 0;
};

class VideoDecoder {
  public:
    static Result<std::unique_ptr<VideoDecoder>> open(Codec codec);
    ~VideoDecoder();

    // One whole access unit: Annex B, or AV1's OBUs. An error means there is no picture for it; a keyframe mends the
    // decoder.
    Result<void> decode(ByteView access_unit);
    // The picture of the last successful decode(), by the matrix and range the stream states. NotAvailable before it.
    Result<RgbPicture> picture() const;
    // The same picture's brightness, without a conversion; valid until the next decode(). nullopt before the first one,
    // and for streams of more than 8 bits.
    [[nodiscard]] std::optional<LumaPlane> luma() const;

  private:
    struct State;
    explicit VideoDecoder(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::media
