// What a vector trait offers, and one that any CPU can run: GFNI's affine instruction in plain arithmetic, at any
// width. Tests instantiate kernels with it, so that what the 256- and 512-bit kernels do between the intrinsics
// (tables, tails, passes) is proved on machines without them.
//
// A kernel is a template over such a trait:
//   kBytes, Vector                width and register type
//   load, store                   any alignment
//   load_halves, store_halves     when kBytes is 64: the same in two places
//   zero, sum(a, b), sum(a, b, c) XOR
//   kAddsThree                    sum(a, b, c) is one instruction
//   Map                           a linear map of a byte as it lies in a table (byte_map.hpp), made from its ByteImages
//   Prepared, prepare(map)        the same in registers
//   apply(prepared, value)        each byte of value through the map
#pragma once

#include <cstring>

#include "byte_map.hpp"

namespace punktfunk::fec {

template <size_t Bytes>
struct EmulatedGfni {
    static constexpr size_t kBytes = Bytes;
    static constexpr bool kAddsThree = Bytes == 64;
    struct Vector {
        std::array<uint64_t, Bytes / 8> lanes;
    };
    using Map = MatrixMap;
    using Prepared = Vector;

    static Vector load(const uint8_t* from) {
        Vector value;
        std::memcpy(&value, from, Bytes);
        return value;
    }
    static void store(uint8_t* to, const Vector& value) { std::memcpy(to, &value, Bytes); }
    static Vector load_halves(const uint8_t* low, const uint8_t* high) {
        Vector value;
        std::memcpy(&value, low, Bytes / 2);
        std::memcpy(&value.lanes[Bytes / 16], high, Bytes / 2);
        return value;
    }
    static void store_halves(const Vector& value, uint8_t* low, uint8_t* high) {
        std::memcpy(low, &value, Bytes / 2);
        std::memcpy(high, &value.lanes[Bytes / 16], Bytes / 2);
    }
    static Vector zero() { return {}; }
    // This and affine() out of line: kernels unroll hundreds of them.
    [[gnu::noinline]] static Vector sum(Vector a, const Vector& b) {
        for (size_t lane = 0; lane < Bytes / 8; ++lane) a.lanes[lane] ^= b.lanes[lane];
        return a;
    }
    static Vector sum(const Vector& a, const Vector& b, const Vector& c) { return sum(sum(a, b), c); }
    static Prepared prepare(const Map& map) {
        Vector value;
        value.lanes.fill(map.rows);
        return value;
    }
    static Vector apply(const Prepared& matrix, const Vector& value) { return affine(value, matrix); }

    // _mm*_gf2p8affine_epi64_epi8(value, matrix, 0): every 8 bytes of the value go through the 8x8 bits beside them.
    [[gnu::noinline]] static Vector affine(const Vector& value, const Vector& matrix) {
        constexpr uint64_t kEveryByte = 0x0101010101010101;
        Vector result{};
        for (size_t lane = 0; lane < Bytes / 8; ++lane) {
            for (size_t bit = 0; bit < 8; ++bit) {
                uint64_t parity = value.lanes[lane] & (matrix.lanes[lane] >> 8 * (7 - bit) & 0xFF) * kEveryByte;
                for (int half = 4; half > 0; half /= 2) parity ^= parity >> half;  // into bit 0 of each byte
                result.lanes[lane] |= (parity & kEveryByte) << bit;
            }
        }
        return result;
    }
};

}  // namespace punktfunk::fec
