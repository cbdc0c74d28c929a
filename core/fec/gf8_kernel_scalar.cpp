// The reference kernel: plain loops over nibble tables, correct everywhere.
#include <cstring>

#include "gf8_kernel.hpp"
#include "gf8_maps.hpp"

namespace punktfunk::fec {
namespace {

void multiply(const Gf8Shards& shards, size_t count, size_t rows, const uint8_t* coefficients) {
    const auto& maps = gf8_maps<NibbleMap>();
    for (size_t row = 0; row < rows; ++row) {
        uint8_t* to = shards.to[row];
        if (shards.add) {
            std::memcpy(to, shards.add[row], shards.bytes);
        } else {
            std::memset(to, 0, shards.bytes);
        }
        for (size_t source = 0; source < count; ++source) {
            const NibbleMap& factor = maps.factor[coefficients[source * rows + row]];
            for (size_t i = 0; i < shards.bytes; ++i) to[i] ^= factor(shards.from[source][i]);
        }
    }
}

}  // namespace

extern const Gf8Kernel kGf8Scalar = {
    .name = "scalar",
    .kind = Kernel::Scalar,
    .supported = [] { return true; },
    .minimum_bytes = 0,
    .multiply = multiply,
    .transform = nullptr,
    .butterfly_cost = {},
};

}  // namespace punktfunk::fec
