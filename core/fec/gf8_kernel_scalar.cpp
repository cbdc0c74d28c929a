// The reference kernel: plain loops over nibble tables, correct everywhere.
#include <cstring>

#include "gf8_kernel.hpp"

namespace punktfunk::fec {
namespace {

void dot(uint8_t* to, const uint8_t* const* from, const uint8_t* coefficients, size_t count, size_t bytes,
         const Gf8Factor* factors, bool accumulate) {
    if (!accumulate) std::memset(to, 0, bytes);
    for (size_t source = 0; source < count; ++source) {
        const Gf8Factor& factor = factors[coefficients[source]];
        for (size_t i = 0; i < bytes; ++i) {
            const uint8_t byte = from[source][i];
            to[i] ^= static_cast<uint8_t>(factor.low[byte & 15] ^ factor.high[byte >> 4]);
        }
    }
}

}  // namespace

extern const Gf8Kernel kGf8Scalar = {
    .name = "scalar",
    .kind = Kernel::Scalar,
    .supported = [] { return true; },
    .dot = dot,
};

}  // namespace punktfunk::fec
