// GF(2^16) as a tower: an element is low + high * v with low and high in GF(2^8) and v^2 = v + kNorm. In Leopard's
// basis the elements 0..255 are that GF(2^8), and most twiddles are among them: they multiply both bytes of a symbol by
// one constant, each for itself. Symbols are turned when they are loaded from a shard, and back when they are stored.
#pragma once

#include <array>
#include <tuple>

#include "byte_map.hpp"
#include "gf16_field.hpp"

namespace punktfunk::fec {

// What a kernel multiplies and turns with, in the form its instruction set wants (byte_map.hpp).
template <typename Map>
struct TowerMaps {
    std::array<Map, 256> times;      // by an element of GF(2^8)
    Map low_to_tower, to_tower;      // low ^= low_to_tower(high); high = to_tower(high)
    Map low_from_tower, from_tower;  // likewise
};

struct Gf16Tower {
    static constexpr uint8_t kNorm = 128;

    explicit Gf16Tower(const Gf16Field& field);

    // low | high << 8 of an element in Leopard's basis
    [[nodiscard]] uint16_t tower(size_t element) const {
        return static_cast<uint16_t>((element & 0xFF) ^ low_of_high[element >> 8] ^ high_of_high[element >> 8] << 8);
    }
    template <typename Map>
    [[nodiscard]] const TowerMaps<Map>& of() const {
        return std::get<TowerMaps<Map>>(maps);
    }

    std::array<uint8_t, 256> low_of_high, high_of_high, times_norm;
    std::tuple<TowerMaps<NibbleMap>, TowerMaps<MatrixMap>> maps;
};

}  // namespace punktfunk::fec
