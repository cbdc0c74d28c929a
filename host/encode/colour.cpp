#include "colour.hpp"

#include <algorithm>

#include "colour_rows.hpp"

namespace punktfunk::encode {
namespace {

uint8_t luma(const uint8_t* pixel, const ColourWeights& w) {
    return static_cast<uint8_t>(((w.luma_b * pixel[0] + w.luma_g * pixel[1] + w.luma_r * pixel[2] + 128) >> 8) +
                                w.black);
}

// In full range the purest colours are half a step beyond the end.
uint8_t chroma(int sum) {
    return static_cast<uint8_t>(std::min((sum + kChromaOffset) >> kChromaShift, 255));
}

const ColourWeights& weights_of(const Colour& colour) {
    if (colour.matrix == Matrix::Bt601) return colour.full_range ? kBt601Full : kBt601Limited;
    return colour.full_range ? kBt709Full : kBt709Limited;
}

}  // namespace

void convert_rows_scalar(const RowPair& rows, size_t width, const ColourWeights& w) {
    for (size_t x = 0; x < width; x += 2) {
        const uint8_t* top = rows.top + 4 * x;
        const uint8_t* bottom = rows.bottom + 4 * x;
        rows.y_top[x] = luma(top, w);
        rows.y_top[x + 1] = luma(top + 4, w);
        rows.y_bottom[x] = luma(bottom, w);
        rows.y_bottom[x + 1] = luma(bottom + 4, w);
        const int b = top[0] + top[4] + bottom[0] + bottom[4];
        const int g = top[1] + top[5] + bottom[1] + bottom[5];
        const int r = top[2] + top[6] + bottom[2] + bottom[6];
        const uint8_t cb = chroma(w.cb_b * b + w.cb_g * g + w.cb_r * r);
        const uint8_t cr = chroma(w.cr_b * b + w.cr_g * g + w.cr_r * r);
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
                    const Colour& colour, ColourKernel kernel) {
    const ColourWeights& weights = weights_of(colour);
    const auto convert = kernel == ColourKernel::Avx2 ? convert_rows_avx2 : convert_rows_scalar;
    for (size_t y = 0; y < height; y += 2) {
        const size_t chroma = y / 2 * to.chroma_stride;
        convert({.top = pixels + y * stride,
                 .bottom = pixels + (y + 1) * stride,
                 .y_top = to.y + y * to.y_stride,
                 .y_bottom = to.y + (y + 1) * to.y_stride,
                 .u = to.u + chroma,
                 .v = to.v != nullptr ? to.v + chroma : nullptr},
                width, weights);
    }
}

}  // namespace punktfunk::encode
