// BGRX to 4:2:0 Y'CbCr, by the matrix and range that the stream states: a picture converted with one matrix and shown
// with the other has visibly wrong greens and reds. libyuv only offers BT.601 in this direction.
#pragma once

#include <cstddef>
#include <cstdint>

#include "video_encoder.hpp"

namespace punktfunk::encode {

struct YuvPlanes {
    uint8_t* y = nullptr;
    uint8_t* u = nullptr;
    uint8_t* v = nullptr;  // null: u is NV12's interleaved plane
    size_t y_stride = 0;
    size_t chroma_stride = 0;
};

enum class ColourKernel { Scalar, Avx2 };
// The fastest this processor can run.
[[nodiscard]] ColourKernel best_colour_kernel();

// Width and height are even; stride is in bytes, at least 4 * width, and need not be a multiple of anything.
// Every kernel gives the same bytes.
void bgrx_to_yuv420(const uint8_t* pixels, size_t stride, uint32_t width, uint32_t height, const YuvPlanes& to,
                    const Colour& colour, ColourKernel kernel);

}  // namespace punktfunk::encode
