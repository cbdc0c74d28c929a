// Vector trait (vector_gfni_emulated.hpp says what that is): 16 bytes in plain C++, for any CPU.
#pragma once

#include <cstring>

#include "byte_map.hpp"

namespace punktfunk::fec {

struct Portable {
    static constexpr size_t kBytes = 16;
    static constexpr bool kAddsThree = false;
    using Vector = std::array<uint8_t, kBytes>;
    using Map = NibbleMap;
    using Prepared = const NibbleMap&;

    static bool supported() { return true; }
    static Vector load(const uint8_t* from) {
        Vector value;
        std::memcpy(value.data(), from, kBytes);
        return value;
    }
    static void store(uint8_t* to, const Vector& value) { std::memcpy(to, value.data(), kBytes); }
    static Vector zero() { return {}; }
    static Vector sum(Vector a, const Vector& b) {
        for (size_t i = 0; i < kBytes; ++i) a[i] ^= b[i];
        return a;
    }
    static Vector sum(const Vector& a, const Vector& b, const Vector& c) { return sum(sum(a, b), c); }
    static Prepared prepare(const Map& map) { return map; }
    static Vector apply(Prepared map, Vector value) {
        for (uint8_t& byte : value) byte = map(byte);
        return value;
    }
};

}  // namespace punktfunk::fec
