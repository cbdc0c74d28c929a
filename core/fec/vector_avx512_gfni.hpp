// Vector trait (vector_gfni_emulated.hpp says what that is): 64 bytes, AVX-512 F/BW and GFNI.
#pragma once

#include <immintrin.h>

#include "byte_map.hpp"

namespace punktfunk::fec {

struct Avx512Gfni {
    static constexpr size_t kBytes = 64;
    static constexpr bool kAddsThree = true;
    using Vector = __m512i;
    using Map = MatrixMap;
    using Prepared = Vector;

    static bool supported() {
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("gfni");
    }
    static Vector load(const uint8_t* from) { return _mm512_loadu_si512(from); }
    static void store(uint8_t* to, Vector value) { _mm512_storeu_si512(to, value); }
    // 32 bytes here, 32 bytes there
    static Vector load_halves(const uint8_t* low, const uint8_t* high) {
        const __m256i half = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(low));
        return _mm512_inserti64x4(_mm512_castsi256_si512(half),
                                  _mm256_loadu_si256(reinterpret_cast<const __m256i*>(high)), 1);
    }
    static void store_halves(Vector value, uint8_t* low, uint8_t* high) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(low), _mm512_castsi512_si256(value));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(high), _mm512_extracti64x4_epi64(value, 1));
    }
    static Vector zero() { return _mm512_setzero_si512(); }
    static Vector sum(Vector a, Vector b) { return _mm512_xor_si512(a, b); }
    static Vector sum(Vector a, Vector b, Vector c) { return _mm512_ternarylogic_epi64(a, b, c, 0x96); }
    static Prepared prepare(const Map& map) {
        Prepared rows = _mm512_set1_epi64(static_cast<long long>(map.rows));
#if defined(__clang__)
        // Clang 19 computes wrong transforms of more than 32 rows when it may make this a part of the instruction.
        asm("" : "+v"(rows));
#endif
        return rows;
    }
    static Vector apply(Prepared map, Vector value) { return _mm512_gf2p8affine_epi64_epi8(value, map, 0); }
};

}  // namespace punktfunk::fec
