// Vector trait (vector_gfni_emulated.hpp says what that is): 32 bytes, AVX2; a map is two byte shuffles.
#pragma once

#include <immintrin.h>

#include "byte_map.hpp"

namespace punktfunk::fec {

struct Avx2 {
    static constexpr size_t kBytes = 32;
    static constexpr bool kAddsThree = false;
    using Vector = __m256i;
    using Map = NibbleMap;
    struct Prepared {
        Vector low, high;
    };

    static bool supported() { return __builtin_cpu_supports("avx2"); }
    static Vector load(const uint8_t* from) { return _mm256_loadu_si256(reinterpret_cast<const Vector*>(from)); }
    static void store(uint8_t* to, Vector value) { _mm256_storeu_si256(reinterpret_cast<Vector*>(to), value); }
    static Vector zero() { return _mm256_setzero_si256(); }
    static Vector sum(Vector a, Vector b) { return _mm256_xor_si256(a, b); }
    static Vector sum(Vector a, Vector b, Vector c) { return sum(sum(a, b), c); }
    static Prepared prepare(const Map& map) { return {broadcast(map.low.data()), broadcast(map.high.data())}; }
    static Vector apply(const Prepared& map, Vector value) {
        const Vector nibble = _mm256_set1_epi8(15);
        return sum(_mm256_shuffle_epi8(map.low, _mm256_and_si256(value, nibble)),
                   _mm256_shuffle_epi8(map.high, _mm256_and_si256(_mm256_srli_epi64(value, 4), nibble)));
    }

  private:
    static Vector broadcast(const uint8_t* table) {
        return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(table)));
    }
};

}  // namespace punktfunk::fec
