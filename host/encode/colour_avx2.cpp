#include "colour_rows.hpp"

#if defined(__AVX2__)
#include <immintrin.h>

namespace punktfunk::encode {
namespace {

constexpr size_t kBlock = 32;  // pixels of a row at a time

struct Block {
    __m256i a, b, c, d;  // eight pixels each
};

inline Block load(const uint8_t* pixels) {
    const auto* from = reinterpret_cast<const __m256i*>(pixels);
    return {_mm256_loadu_si256(from), _mm256_loadu_si256(from + 1), _mm256_loadu_si256(from + 2),
            _mm256_loadu_si256(from + 3)};
}

// maddubs multiplies unsigned by signed and green's weight needs the unsigned side, so the pixels are made signed (p -
// 128) and the 128 * 220 (or 256) this takes away comes back with the rounding. The sums then fill 16 bits without
// overflowing.
inline void store_luma(uint8_t* to, const Block& pixels, const ColourWeights& w) {
    const __m256i flip = _mm256_set1_epi8(static_cast<char>(0x80));
    const __m256i weights = _mm256_set1_epi32(w.luma_b | w.luma_g << 8 | w.luma_r << 16);
    const __m256i offset = _mm256_set1_epi16(static_cast<short>(128 * (w.luma_b + w.luma_g + w.luma_r) + 128));
    const auto weigh = [&](__m256i p) { return _mm256_maddubs_epi16(weights, _mm256_xor_si256(p, flip)); };
    const auto sum = [&](__m256i p, __m256i q) {
        return _mm256_srli_epi16(_mm256_add_epi16(_mm256_hadd_epi16(weigh(p), weigh(q)), offset), 8);
    };
    const __m256i packed = _mm256_packus_epi16(sum(pixels.a, pixels.b), sum(pixels.c, pixels.d));
    const __m256i ordered = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_add_epi8(ordered, _mm256_set1_epi8(static_cast<char>(w.black))));
}

// Four 2x2 sums of eight pixels: B G R X of 16 bits each.
inline __m256i sum_squares(__m256i top, __m256i bottom) {
    const __m256i pairs =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15));
    const __m256i ones = _mm256_set1_epi8(1);
    return _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_shuffle_epi8(top, pairs), ones),
                            _mm256_maddubs_epi16(_mm256_shuffle_epi8(bottom, pairs), ones));
}

// Sixteen chroma samples as words, in the lane order that hadd and packs leave.
inline __m256i weigh_chroma(const Block& sums, __m256i weights) {
    const __m256i offset = _mm256_set1_epi32(kChromaOffset);
    const auto pair = [&](__m256i p, __m256i q) {
        const __m256i sum = _mm256_hadd_epi32(_mm256_madd_epi16(p, weights), _mm256_madd_epi16(q, weights));
        return _mm256_srai_epi32(_mm256_add_epi32(sum, offset), kChromaShift);
    };
    return _mm256_packs_epi32(pair(sums.a, sums.b), pair(sums.c, sums.d));
}

inline __m256i chroma_weights(int b, int g, int r) {
    return _mm256_broadcastsi128_si256(_mm_setr_epi16(static_cast<short>(b), static_cast<short>(g),
                                                      static_cast<short>(r), 0, static_cast<short>(b),
                                                      static_cast<short>(g), static_cast<short>(r), 0));
}

// Sixteen Cb in the low half, sixteen Cr in the high half, in picture order.
inline __m256i chroma(const Block& sums, const ColourWeights& w) {
    const __m256i packed = _mm256_packus_epi16(weigh_chroma(sums, chroma_weights(w.cb_b, w.cb_g, w.cb_r)),
                                               weigh_chroma(sums, chroma_weights(w.cr_b, w.cr_g, w.cr_r)));
    const __m256i planes = _mm256_permute4x64_epi64(packed, 0b11'01'10'00);
    const __m256i pairs =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
    return _mm256_shuffle_epi8(planes, pairs);
}

inline void store_chroma(const RowPair& rows, size_t x, __m256i samples) {
    const __m128i cb = _mm256_castsi256_si128(samples);
    const __m128i cr = _mm256_extracti128_si256(samples, 1);
    if (rows.v != nullptr) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rows.u + x / 2), cb);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rows.v + x / 2), cr);
    } else {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rows.u + x), _mm_unpacklo_epi8(cb, cr));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rows.u + x + 16), _mm_unpackhi_epi8(cb, cr));
    }
}

}  // namespace

void convert_rows_avx2(const RowPair& rows, size_t width, const ColourWeights& w) {
    size_t x = 0;
    for (; x + kBlock <= width; x += kBlock) {
        const Block top = load(rows.top + 4 * x);
        const Block bottom = load(rows.bottom + 4 * x);
        store_luma(rows.y_top + x, top, w);
        store_luma(rows.y_bottom + x, bottom, w);
        store_chroma(rows, x,
                     chroma({sum_squares(top.a, bottom.a), sum_squares(top.b, bottom.b), sum_squares(top.c, bottom.c),
                             sum_squares(top.d, bottom.d)},
                            w));
    }
    if (x < width) convert_rows_scalar(rows.from(x), width - x, w);
}

}  // namespace punktfunk::encode

#else

namespace punktfunk::encode {
void convert_rows_avx2(const RowPair& rows, size_t width, const ColourWeights& w) {
    convert_rows_scalar(rows, width, w);
}
}  // namespace punktfunk::encode

#endif
