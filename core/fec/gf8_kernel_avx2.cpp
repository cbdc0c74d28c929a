// AVX2: 32 bytes at a time, a product is two byte shuffles.
#if defined(__x86_64__)
#include <immintrin.h>

#include "gf8_kernel.hpp"

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

inline __m256i multiply8(__m256i low, __m256i high, __m256i value) {
    const __m256i mask = _mm256_set1_epi8(15);
    return _mm256_xor_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(value, mask)),
                            _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi64(value, 4), mask)));
}

void dot(uint8_t* to, const uint8_t* const* from, const uint8_t* coefficients, size_t count, size_t bytes,
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

}  // namespace

extern const Gf8Kernel kGf8Avx2 = {
    .name = "avx2",
    .kind = Kernel::Avx2,
    .supported = supported,
    .dot = dot,
};

}  // namespace punktfunk::fec
#endif
