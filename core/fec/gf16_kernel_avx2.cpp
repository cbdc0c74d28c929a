// AVX2: 32 symbols at a time, a product is eight byte shuffles (two bytes times four nibbles).
#if defined(__x86_64__)
#include <immintrin.h>

#include "gf16_kernel.hpp"

namespace punktfunk::fec {
namespace {

bool supported() {
    return __builtin_cpu_supports("avx2") != 0;
}

__m256i load(const uint8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
void store(uint8_t* to, __m256i value) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), value);
}
__m256i broadcast(const uint8_t* table) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
}

struct Tables {
    __m256i low[4], high[4];
    explicit Tables(const Gf16Multiplier& factor) {
        for (size_t nibble = 0; nibble < 4; ++nibble) {
            low[nibble] = broadcast(factor.bytes.data() + nibble * 16);
            high[nibble] = broadcast(factor.bytes.data() + 64 + nibble * 16);
        }
    }
};

struct Symbols {
    __m256i low, high;
};

inline Symbols load_chunk(const uint8_t* from) {
    return {load(from), load(from + 32)};
}
inline void store_chunk(uint8_t* to, const Symbols& value) {
    store(to, value.low);
    store(to + 32, value.high);
}
inline Symbols operator^(const Symbols& a, const Symbols& b) {
    return {_mm256_xor_si256(a.low, b.low), _mm256_xor_si256(a.high, b.high)};
}

inline __m256i sum4(__m256i a, __m256i b, __m256i c, __m256i d) {
    return _mm256_xor_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(c, d));
}

inline Symbols multiply(const Tables& t, const Symbols& value) {
    const __m256i mask = _mm256_set1_epi8(15);
    const __m256i n0 = _mm256_and_si256(value.low, mask);
    const __m256i n1 = _mm256_and_si256(_mm256_srli_epi64(value.low, 4), mask);
    const __m256i n2 = _mm256_and_si256(value.high, mask);
    const __m256i n3 = _mm256_and_si256(_mm256_srli_epi64(value.high, 4), mask);
    return {sum4(_mm256_shuffle_epi8(t.low[0], n0), _mm256_shuffle_epi8(t.low[1], n1),
                 _mm256_shuffle_epi8(t.low[2], n2), _mm256_shuffle_epi8(t.low[3], n3)),
            sum4(_mm256_shuffle_epi8(t.high[0], n0), _mm256_shuffle_epi8(t.high[1], n1),
                 _mm256_shuffle_epi8(t.high[2], n2), _mm256_shuffle_epi8(t.high[3], n3))};
}

void mul(uint8_t* data, const Gf16Multiplier& factor, size_t bytes) {
    const Tables tables(factor);
    for (size_t at = 0; at < bytes; at += kChunkBytes) {
        store_chunk(data + at, multiply(tables, load_chunk(data + at)));
    }
}

void ifft(uint8_t* x, uint8_t* y, const Gf16Multiplier& factor, size_t bytes) {
    const Tables tables(factor);
    for (size_t at = 0; at < bytes; at += kChunkBytes) {
        const Symbols a = load_chunk(x + at);
        const Symbols b = load_chunk(y + at) ^ a;
        store_chunk(y + at, b);
        store_chunk(x + at, a ^ multiply(tables, b));
    }
}

void fft(uint8_t* x, uint8_t* y, const Gf16Multiplier& factor, size_t bytes) {
    const Tables tables(factor);
    for (size_t at = 0; at < bytes; at += kChunkBytes) {
        const Symbols b = load_chunk(y + at);
        const Symbols a = load_chunk(x + at) ^ multiply(tables, b);
        store_chunk(x + at, a);
        store_chunk(y + at, a ^ b);
    }
}

void xor_into(uint8_t* to, const uint8_t* from, size_t bytes) {
    size_t at = 0;
    for (; at + 32 <= bytes; at += 32) store(to + at, _mm256_xor_si256(load(to + at), load(from + at)));
    for (; at < bytes; ++at) to[at] ^= from[at];
}

// The nibble tables have the scalar kernel's form; building one is not worth vectors.
void prepare(const std::array<uint16_t, 16>& products, Gf16Multiplier& out) {
    kGf16Scalar.prepare(products, out);
}

}  // namespace

extern const Gf16Kernel kGf16Avx2 = {
    .name = "avx2",
    .kind = Kernel::Avx2,
    .supported = supported,
    .prepare = prepare,
    .mul = mul,
    .ifft = ifft,
    .fft = fft,
    .xor_into = xor_into,
};

}  // namespace punktfunk::fec
#endif
