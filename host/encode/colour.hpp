// BGRX to planar YUV 4:2:0, BT.709 limited range: what the stream's VUI says and clients assume.
#pragma once

#include <cstdint>

namespace punktfunk::encode {

struct Planes {
    uint8_t *y = nullptr, *u = nullptr, *v = nullptr;
    int y_stride = 0, uv_stride = 0;
};

// width and height even; stride in bytes. Chroma is the average of each 2x2 block. Within 1 of the exact formula.
void bgrx_to_i420(const uint8_t* bgrx, uint32_t stride, uint32_t width, uint32_t height, const Planes& out);

// The same without vector instructions: the reference.
void bgrx_to_i420_scalar(const uint8_t* bgrx, uint32_t stride, uint32_t width, uint32_t height, const Planes& out);

}  // namespace punktfunk::encode
