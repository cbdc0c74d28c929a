// Vector trait (vector_gfni_emulated.hpp says what that is): 32 bytes, AVX2 and GFNI.
#pragma once

#include <immintrin.h>

#include "byte_map.hpp"

namespace punktfunk::fec {

struct Avx2Gfni {
    static constexpr size_t kBytes = 32;
    static constexpr bool kAddsThree = false;
    using Vector = __m256i;
    using Map = MatrixMap;
    using Prepared = Vector;

    static bool supported() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("gfni"); }
    static Vector load(const uint8_t* from) { return _mm256_loadu_si256(reinterpret_cast<const Vector*>(from)); }
    static void store(uint8_t* to, Vector value) { _mm256_storeu_si256(reinterpret_cast<Vector*>(to), value); }
    static Vector zero() { return _mm256_setzero_si256(); }
    static Vector sum(Vector a, Vector b) { return _mm256_xor_si256(a, b); }
    static Vector sum(Vector a, Vector b, Vector c) { return sum(sum(a, b), c); }
    static Prepared prepare(const Map& map) { return _mm256_set1_epi64x(static_cast<long long>(map.rows)); }
    static Vector apply(Prepared map, Vector value) { return _mm256_gf2p8affine_epi64_epi8(value, map, 0); }
};

}  // namespace punktfunk::fec
