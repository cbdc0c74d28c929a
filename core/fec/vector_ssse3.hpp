// Vector trait (vector_gfni_emulated.hpp says what that is): 16 bytes, SSSE3; a map is two byte shuffles.
#pragma once

#include <tmmintrin.h>

#include "byte_map.hpp"

namespace punktfunk::fec {

struct Ssse3 {
    static constexpr size_t kBytes = 16;
    static constexpr bool kAddsThree = false;
    using Vector = __m128i;
    using Map = NibbleMap;
    struct Prepared {
        Vector low, high;
    };

    static bool supported() { return __builtin_cpu_supports("ssse3"); }
    static Vector load(const uint8_t* from) { return _mm_loadu_si128(reinterpret_cast<const Vector*>(from)); }
    static void store(uint8_t* to, Vector value) { _mm_storeu_si128(reinterpret_cast<Vector*>(to), value); }
    static Vector zero() { return _mm_setzero_si128(); }
    static Vector sum(Vector a, Vector b) { return _mm_xor_si128(a, b); }
    static Vector sum(Vector a, Vector b, Vector c) { return sum(sum(a, b), c); }
    static Prepared prepare(const Map& map) { return {load(map.low.data()), load(map.high.data())}; }
    static Vector apply(const Prepared& map, Vector value) {
        const Vector nibble = _mm_set1_epi8(15);
        return sum(_mm_shuffle_epi8(map.low, _mm_and_si128(value, nibble)),
                   _mm_shuffle_epi8(map.high, _mm_and_si128(_mm_srli_epi64(value, 4), nibble)));
    }
};

}  // namespace punktfunk::fec
