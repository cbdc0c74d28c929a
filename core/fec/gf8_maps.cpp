#include "gf8_maps.hpp"

#include "gf8_field.hpp"

namespace punktfunk::fec {
namespace {

template <typename Map>
Gf8Maps<Map> make() {
    const auto& field = kGf8Field;
    Gf8Maps<Map> maps;
    for (unsigned c = 0; c < 256; ++c) {
        ByteImages images;
        for (unsigned bit = 0; bit < 8; ++bit) {
            images[bit] = field.multiply(static_cast<uint8_t>(c), static_cast<uint8_t>(1 << bit));
        }
        maps.factor[c] = Map(images);
    }
    for (unsigned c = 0; c < 256; ++c) maps.reciprocal[c] = maps.factor[field.inverse(static_cast<uint8_t>(c))];

    std::array<uint8_t, 256> s;  // s_i of every point
    for (unsigned x = 0; x < 256; ++x) s[x] = static_cast<uint8_t>(x);
    uint8_t derivative = 1;  // s_i', the product of V_i without 0
    for (size_t i = 0;; ++i) {
        for (unsigned x = 0; x < 256; ++x) maps.scale[i][x] = field.multiply(derivative, field.inverse(s[x]));
        if (i == 8) return maps;
        const uint8_t top = s[size_t{1} << i];
        for (size_t block = 0; block < size_t{128} >> i; ++block) {
            maps.twiddle[(size_t{128} >> i) + block] =
                maps.factor[field.multiply(s[block << (i + 1)], field.inverse(top))];
        }
        for (uint8_t& value : s) value = field.multiply(value, value ^ top);
        derivative = field.multiply(derivative, top);
    }
}

}  // namespace

template <>
const Gf8Maps<NibbleMap>& gf8_maps() {
    static const auto maps = make<NibbleMap>();
    return maps;
}

template <>
const Gf8Maps<MatrixMap>& gf8_maps() {
    static const auto maps = make<MatrixMap>();
    return maps;
}

}  // namespace punktfunk::fec
