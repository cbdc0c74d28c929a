#include "gf16_tower.hpp"

namespace punktfunk::fec {
namespace {

constexpr uint16_t kV = 256;  // the first element outside GF(2^8)

ByteImages images(const std::array<uint8_t, 256>& table) {
    ByteImages out;
    for (size_t bit = 0; bit < 8; ++bit) out[bit] = table[size_t{1} << bit];
    return out;
}

}  // namespace

Gf16Tower::Gf16Tower(const Gf16Field& field) {
    low_of_high.fill(0);
    high_of_high.fill(0);
    for (uint16_t high = 0; high < 256; ++high) {  // high * v = some element: which, says how that one is written
        const uint16_t element = field.multiply(high, kV);
        high_of_high[element >> 8] = static_cast<uint8_t>(high);
        low_of_high[element >> 8] = static_cast<uint8_t>(element);
    }
    std::array<uint8_t, 256> high_back, low_back;
    for (size_t high = 0; high < 256; ++high) {
        high_back[high_of_high[high]] = static_cast<uint8_t>(high);
        low_back[high_of_high[high]] = low_of_high[high];
        times_norm[high] = static_cast<uint8_t>(field.multiply(static_cast<uint16_t>(high), kNorm));
    }
    const auto fill = [&]<typename Map>(TowerMaps<Map>& out) {
        for (uint16_t factor = 0; factor < 256; ++factor) {
            ByteImages products;
            for (size_t bit = 0; bit < 8; ++bit) {
                products[bit] = static_cast<uint8_t>(field.multiply(factor, static_cast<uint16_t>(1u << bit)));
            }
            out.times[factor] = Map(products);
        }
        out.low_to_tower = Map(images(low_of_high));
        out.to_tower = Map(images(high_of_high));
        out.low_from_tower = Map(images(low_back));
        out.from_tower = Map(images(high_back));
    };
    fill(std::get<0>(maps));
    fill(std::get<1>(maps));
}

}  // namespace punktfunk::fec
