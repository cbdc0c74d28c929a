#include "colour.hpp"

#include "colour_rows.hpp"

namespace punktfunk::encode {
namespace {

uint8_t luma(const uint8_t* pixel) {
    return static_cast<uint8_t>(((kLumaB * pixel[0] + kLumaG * pixel[1] + kLumaR * pixel[2] + 128) >> 8) + 16);
}

}  // namespace

void convert_rows_scalar(const RowPair& rows, size_t width) {
    for (size_t x = 0; x < width; x += 2) {
        const uint8_t* top = rows.top + 4 * x;
        const uint8_t* bottom = rows.bottom + 4 * x;
        rows.y_top[x] = luma(top);
        rows.y_top[x + 1] = luma(top + 4);
        rows.y_bottom[x] = luma(bottom);
        rows.y_bottom[x + 1] = luma(bottom + 4);
        const int b = top[0] + top[4] + bottom[0] + bottom[4];
        const int g = top[1] + top[5] + bottom[1] + bottom[5];
        const int r = top[2] + top[6] + bottom[2] + bottom[6];
        const auto cb = static_cast<uint8_t>((kCbB * b + kCbG * g + kCbR * r + kChromaOffset) >> kChromaShift);
        const auto cr = static_cast<uint8_t>((kCrB * b + kCrG * g + kCrR * r + kChromaOffset) >> kChromaShift);
        if (rows.v != nullptr) {
            rows.u[x / 2] = cb;
            rows.v[x / 2] = cr;
        } else {
            rows.u[x] = cb;
            rows.u[x + 1] = cr;
        }
    }
}

ColourKernel best_colour_kernel() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) return ColourKernel::Avx2;
#endif
    return ColourKernel::Scalar;
}

void bgrx_to_yuv420(const uint8_t* pixels, size_t stride, uint32_t width, uint32_t height, const YuvPlanes& to,
                    ColourKernel kernel) {
    const auto convert = kernel == ColourKernel::Avx2 ? convert_rows_avx2 : convert_rows_scalar;
    for (size_t y = 0; y < height; y += 2) {
        const size_t chroma = y / 2 * to.chroma_stride;
        convert({.top = pixels + y * stride,
                 .bottom = pixels + (y + 1) * stride,
                 .y_top = to.y + y * to.y_stride,
                 .y_bottom = to.y + (y + 1) * to.y_stride,
                 .u = to.u + chroma,
                 .v = to.v != nullptr ? to.v + chroma : nullptr},
                width);
    }
}

}  // namespace punktfunk::encode
