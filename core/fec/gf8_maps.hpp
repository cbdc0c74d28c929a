// What the kernels multiply with, as maps of bytes, and the constants of the additive FFT.
//
// The transforms work in the basis of Lin, Chung and Han. V_i = {0 .. 2^i - 1} is a subspace of the field under
// addition, s_i(x) = the product of (x + v) over V_i is linear in x, and layer i of a transform joins two halves of 2^i
// points by s_i(x) / s_i(2^i), the same for all points x of the left half.
#pragma once

#include "byte_map.hpp"

namespace punktfunk::fec {

template <typename Map>
struct Gf8Maps {
    std::array<Map, 256> factor;      // [c] = times c
    std::array<Map, 256> reciprocal;  // [c] = divided by c; 0 for c = 0
    std::array<Map, 256> twiddle;     // [(128 >> i) + (x >> (i + 1))] = times s_i(x) / s_i(2^i)
    // [i][x] = s_i' / s_i(x): what turns a polynomial through the 2^i values at c + V_i, evaluated at r + V_i with
    // r + c = x, into the sums of value / (difference of points).
    std::array<std::array<uint8_t, 256>, 9> scale;

    [[nodiscard]] const Map* twiddles(int layer, size_t point) const {
        return twiddle.data() + (size_t{128} >> layer) + (point >> (layer + 1));
    }
};

// Computed once, by code for the plain instruction set: a kernel's file must not instantiate what another may share.
template <typename Map>
const Gf8Maps<Map>& gf8_maps();
template <>
const Gf8Maps<NibbleMap>& gf8_maps();
template <>
const Gf8Maps<MatrixMap>& gf8_maps();

}  // namespace punktfunk::fec
