#include "colour.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace punktfunk::encode {

namespace {

// BT.709 limited range, in 1/32768: luma 219/255 of (0.2126, 0.7152, 0.0722), chroma 224/255 of the colour differences.
constexpr int kShift = 15;
constexpr int kYr = 5983, kYg = 20127, kYb = 2032;
constexpr int kUr = -3298, kUg = -11094, kUb = 14392;
constexpr int kVr = 14392, kVg = -13072, kVb = -1320;
constexpr int kHalf = 1 << (kShift - 1);

void convert_rows(const uint8_t* top, const uint8_t* bottom, uint32_t from, uint32_t width, uint8_t* y0, uint8_t* y1, uint8_t* u, uint8_t* v) {
    const auto luma = [](const uint8_t* p) { return static_cast<uint8_t>(16 + ((kYb * p[0] + kYg * p[1] + kYr * p[2] + kHalf) >> kShift)); };
    for (uint32_t x = from; x < width; x += 2) {
        const uint8_t* block[] = {top + 4 * x, top + 4 * x + 4, bottom + 4 * x, bottom + 4 * x + 4};
        y0[x] = luma(block[0]);
        y0[x + 1] = luma(block[1]);
        y1[x] = luma(block[2]);
        y1[x + 1] = luma(block[3]);
        int sum[3] = {};
        for (const uint8_t* pixel : block) {
            for (int c = 0; c < 3; ++c) sum[c] += pixel[c];
        }
        constexpr int kChromaShift = kShift + 2, kChromaHalf = 1 << (kChromaShift - 1);
        u[x / 2] = static_cast<uint8_t>(128 + ((kUb * sum[0] + kUg * sum[1] + kUr * sum[2] + kChromaHalf) >> kChromaShift));
        v[x / 2] = static_cast<uint8_t>(128 + ((kVb * sum[0] + kVg * sum[1] + kVr * sum[2] + kChromaHalf) >> kChromaShift));
    }
}

#if defined(__x86_64__)

// Dot product of 8 pixels with (b, g, r, 0) coefficients: 8 sums of 32 bits.
__attribute__((target("avx2"))) inline __m256i dot(__m256i low_pixels, __m256i high_pixels, __m256i coefficients) {
    // Pixels as 16-bit b,g,r,x; madd gives b*cb+g*cg and r*cr per pixel, hadd adds the two.
    return _mm256_hadd_epi32(_mm256_madd_epi16(low_pixels, coefficients), _mm256_madd_epi16(high_pixels, coefficients));
}

__attribute__((target("avx2"))) inline __m256i luma8(__m256i pixels, __m256i coefficients) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i sums = dot(_mm256_unpacklo_epi8(pixels, zero), _mm256_unpackhi_epi8(pixels, zero), coefficients);
    return _mm256_add_epi32(_mm256_srai_epi32(_mm256_add_epi32(sums, _mm256_set1_epi32(kHalf)), kShift), _mm256_set1_epi32(16));
}

// 16 values of 32 bits (8 + 8) to bytes, in order.
__attribute__((target("avx2"))) inline __m128i pack16(__m256i a, __m256i b) {
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(a, b), 0xd8);
    return _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

__attribute__((target("avx2"))) uint32_t convert_rows_avx2(const uint8_t* top, const uint8_t* bottom, uint32_t width, uint8_t* y0, uint8_t* y1, uint8_t* u,
                                                            uint8_t* v) {
    const auto coefficients = [](int b, int g, int r) __attribute__((target("avx2"))) {
        return _mm256_set1_epi64x(static_cast<int64_t>(static_cast<uint64_t>(static_cast<uint16_t>(b)) | static_cast<uint64_t>(static_cast<uint16_t>(g)) << 16 |
                                                       static_cast<uint64_t>(static_cast<uint16_t>(r)) << 32));
    };
    const __m256i cy = coefficients(kYb, kYg, kYr), cu = coefficients(kUb, kUg, kUr), cv = coefficients(kVb, kVg, kVr);
    const __m256i zero = _mm256_setzero_si256();
    constexpr int kChromaShift = kShift + 2;
    const __m256i half = _mm256_set1_epi32(1 << (kChromaShift - 1)), offset = _mm256_set1_epi32(128);
    uint32_t x = 0;
    for (; x + 16 <= width; x += 16) {
        __m256i chroma_u[2], chroma_v[2];
        __m256i luma0[2], luma1[2];
        for (int half_index = 0; half_index < 2; ++half_index) {
            const __m256i p0 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(top + 4 * x + 32 * half_index));
            const __m256i p1 = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bottom + 4 * x + 32 * half_index));
            luma0[half_index] = luma8(p0, cy);
            luma1[half_index] = luma8(p1, cy);
            // Vertical sums of 16 bits, then each pixel plus its right neighbour: 4 block sums as 16-bit b,g,r,x.
            const __m256i low = _mm256_add_epi16(_mm256_unpacklo_epi8(p0, zero), _mm256_unpacklo_epi8(p1, zero));
            const __m256i high = _mm256_add_epi16(_mm256_unpackhi_epi8(p0, zero), _mm256_unpackhi_epi8(p1, zero));
            const __m256i sums = _mm256_add_epi16(_mm256_unpacklo_epi64(low, high), _mm256_unpackhi_epi64(low, high));
            chroma_u[half_index] = _mm256_madd_epi16(sums, cu);
            chroma_v[half_index] = _mm256_madd_epi16(sums, cv);
        }
        _mm_storeu_si128(reinterpret_cast<__m128i*>(y0 + x), pack16(luma0[0], luma0[1]));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(y1 + x), pack16(luma1[0], luma1[1]));
        const auto finish = [&](const __m256i* parts) __attribute__((target("avx2"))) {
            // hadd works within 128-bit lanes: blocks 0 1 4 5 | 2 3 6 7 come out, put in order by the permutation.
            const __m256i sums = _mm256_permute4x64_epi64(_mm256_hadd_epi32(parts[0], parts[1]), 0xd8);
            return _mm256_add_epi32(_mm256_srai_epi32(_mm256_add_epi32(sums, half), kChromaShift), offset);
        };
        _mm_storel_epi64(reinterpret_cast<__m128i*>(u + x / 2), pack16(finish(chroma_u), zero));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(v + x / 2), pack16(finish(chroma_v), zero));
    }
    return x;
}

#endif

}  // namespace

void bgrx_to_i420_scalar(const uint8_t* bgrx, uint32_t stride, uint32_t width, uint32_t height, const Planes& out) {
    for (uint32_t row = 0; row < height; row += 2) {
        const uint8_t* top = bgrx + size_t{row} * stride;
        uint8_t* y = out.y + size_t{row} * static_cast<size_t>(out.y_stride);
        const size_t chroma = size_t{row / 2} * static_cast<size_t>(out.uv_stride);
        convert_rows(top, top + stride, 0, width, y, y + out.y_stride, out.u + chroma, out.v + chroma);
    }
}

void bgrx_to_i420(const uint8_t* bgrx, uint32_t stride, uint32_t width, uint32_t height, const Planes& out) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        for (uint32_t row = 0; row < height; row += 2) {
            const uint8_t* top = bgrx + size_t{row} * stride;
            uint8_t* y = out.y + size_t{row} * static_cast<size_t>(out.y_stride);
            const size_t chroma = size_t{row / 2} * static_cast<size_t>(out.uv_stride);
            const uint32_t done = convert_rows_avx2(top, top + stride, width, y, y + out.y_stride, out.u + chroma, out.v + chroma);
            convert_rows(top, top + stride, done, width, y, y + out.y_stride, out.u + chroma, out.v + chroma);
        }
        return;
    }
#endif
    bgrx_to_i420_scalar(bgrx, stride, width, height, out);
}

}  // namespace punktfunk::encode
