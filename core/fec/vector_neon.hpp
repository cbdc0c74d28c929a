// Vector trait (vector_gfni_emulated.hpp says what that is): 16 bytes, every AArch64 CPU; a map is two table look-ups.
#pragma once

#include <arm_neon.h>

#include "byte_map.hpp"

namespace punktfunk::fec {

struct Neon {
    static constexpr size_t kBytes = 16;
    static constexpr bool kAddsThree = false;
    using Vector = uint8x16_t;
    using Map = NibbleMap;
    struct Prepared {
        Vector low, high;
    };

    static bool supported() { return true; }
    static Vector load(const uint8_t* from) { return vld1q_u8(from); }
    static void store(uint8_t* to, Vector value) { vst1q_u8(to, value); }
    static Vector zero() { return vdupq_n_u8(0); }
    static Vector sum(Vector a, Vector b) { return veorq_u8(a, b); }
    static Vector sum(Vector a, Vector b, Vector c) { return sum(sum(a, b), c); }
    static Prepared prepare(const Map& map) { return {load(map.low.data()), load(map.high.data())}; }
    static Vector apply(const Prepared& map, Vector value) {
        return sum(vqtbl1q_u8(map.low, vandq_u8(value, vdupq_n_u8(15))), vqtbl1q_u8(map.high, vshrq_n_u8(value, 4)));
    }
};

}  // namespace punktfunk::fec
