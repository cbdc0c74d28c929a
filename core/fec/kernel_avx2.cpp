// AVX2: 32 symbols at a time, a product is eight byte shuffles (two bytes times four nibbles).
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernel.hpp"

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

inline __m256i multiply8(__m256i low, __m256i high, __m256i value) {
    const __m256i mask = _mm256_set1_epi8(15);
    return _mm256_xor_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(value, mask)),
                            _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi64(value, 4), mask)));
}

void gf8_dot(uint8_t* to, const uint8_t* const* from, const uint8_t* coefficients, size_t count, size_t bytes,
             const Gf8Factor* factors, bool accumulate) {
    size_t at = 0;
    for (; at + 128 <= bytes; at += 128) {
        __m256i sum[4];
        for (size_t lane = 0; lane < 4; ++lane) {
            sum[lane] = accumulate ? load(to + at + lane * 32) : _mm256_setzero_si256();
        }
        for (size_t i = 0; i < count; ++i) {
            const Gf8Factor& factor = factors[coefficients[i]];
            const __m256i low = broadcast(factor.low.data()), high = broadcast(factor.high.data());
            const uint8_t* source = from[i] + at;
            for (size_t lane = 0; lane < 4; ++lane) {
                sum[lane] = _mm256_xor_si256(sum[lane], multiply8(low, high, load(source + lane * 32)));
            }
        }
        for (size_t lane = 0; lane < 4; ++lane) store(to + at + lane * 32, sum[lane]);
    }
    for (; at + 32 <= bytes; at += 32) {
        __m256i sum = accumulate ? load(to + at) : _mm256_setzero_si256();
        for (size_t i = 0; i < count; ++i) {
            const Gf8Factor& factor = factors[coefficients[i]];
            sum = _mm256_xor_si256(
                sum, multiply8(broadcast(factor.low.data()), broadcast(factor.high.data()), load(from[i] + at)));
        }
        store(to + at, sum);
    }
    for (; at < bytes; ++at) {
        uint8_t sum = accumulate ? to[at] : uint8_t{0};
        for (size_t i = 0; i < count; ++i) {
            const Gf8Factor& factor = factors[coefficients[i]];
            sum ^= static_cast<uint8_t>(factor.low[from[i][at] & 15] ^ factor.high[from[i][at] >> 4]);
        }
        to[at] = sum;
    }
}

// The nibble tables have the scalar kernel's form; building one is not worth vectors.
void prepare(const std::array<uint16_t, 16>& products, Gf16Multiplier& out) {
    kScalarKernel.gf16_prepare(products, out);
}

}  // namespace

extern const KernelOps kAvx2Kernel = {
    .name = "avx2",
    .kind = Kernel::Avx2,
    .supported = supported,
    .gf16_prepare = prepare,
    .gf16_mul = mul,
    .gf16_ifft = ifft,
    .gf16_fft = fft,
    .xor_into = xor_into,
    .gf8_dot = gf8_dot,
};

}  // namespace punktfunk::fec
#endif
