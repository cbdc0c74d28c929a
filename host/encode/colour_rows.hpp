// The fixed-point weights both kernels share, and one kernel's unit of work: two picture rows, one chroma row.
#pragma once

#include <cstddef>
#include <cstdint>

namespace punktfunk::encode {

struct ColourWeights {
    // Luma in 1/256: of 219/255 in limited range, 255/255 in full range. They sum to 220 or 256, so that white is 235
    // or 255 and black is 16 or 0 exactly.
    int luma_b, luma_g, luma_r, black;
    // Chroma in 1/32768: of 224/255 or 255/255. Each row sums to 0, so that grey is 128 exactly.
    int cb_b, cb_g, cb_r;
    int cr_b, cr_g, cr_r;
};
inline constexpr ColourWeights kBt709Limited{16, 157, 47, 16, 14392, -11094, -3298, -1320, -13072, 14392};
inline constexpr ColourWeights kBt709Full{19, 183, 54, 0, 16384, -12630, -3754, -1502, -14882, 16384};
inline constexpr ColourWeights kBt601Limited{25, 129, 66, 16, 14392, -9535, -4857, -2340, -12052, 14392};
inline constexpr ColourWeights kBt601Full{29, 150, 77, 0, 16384, -10855, -5529, -2664, -13720, 16384};
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

void convert_rows_scalar(const RowPair& rows, size_t width, const ColourWeights& weights);
void convert_rows_avx2(const RowPair& rows, size_t width, const ColourWeights& weights);

}  // namespace punktfunk::encode
