// The fixed-point BT.709 both kernels share, and one kernel's unit of work: two picture rows, one chroma row.
#pragma once

#include <cstddef>
#include <cstdint>

namespace punktfunk::encode {

// Luma in 1/256: 219/255 * (0.0722, 0.7152, 0.2126). They sum to 220, so that white is 235 and black is 16 exactly.
inline constexpr int kLumaB = 16, kLumaG = 157, kLumaR = 47;
// Chroma in 1/32768: 224/255 * the Cb and Cr rows. Each row sums to 0, so that grey is 128 exactly.
inline constexpr int kCbB = 14392, kCbG = -11094, kCbR = -3298;
inline constexpr int kCrB = -1320, kCrG = -13072, kCrR = 14392;
// Chroma is computed from the sum of four pixels: two more bits.
inline constexpr int kChromaShift = 17;
inline constexpr int kChromaOffset = (128 << kChromaShift) + (1 << (kChromaShift - 1));

struct RowPair {
    const uint8_t* top;
    const uint8_t* bottom;
    uint8_t* y_top;
    uint8_t* y_bottom;
    uint8_t* u;
    uint8_t* v;  // null: interleaved in u

    [[nodiscard]] RowPair from(size_t x) const {
        return {.top = top + 4 * x,
                .bottom = bottom + 4 * x,
                .y_top = y_top + x,
                .y_bottom = y_bottom + x,
                .u = v != nullptr ? u + x / 2 : u + x,
                .v = v != nullptr ? v + x / 2 : nullptr};
    }
};

void convert_rows_scalar(const RowPair& rows, size_t width);
void convert_rows_avx2(const RowPair& rows, size_t width);

}  // namespace punktfunk::encode
