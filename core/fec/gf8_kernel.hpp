// The seam between the Cauchy code and the instruction sets. A new kernel is one more file that defines a Gf8Kernel,
// and one more row in gf8_kernel.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::fec {

// A factor as its products with the low and with the high nibble.
struct Gf8Factor {
    std::array<uint8_t, 16> low, high;
};

struct Gf8Kernel {
    std::string_view name;
    Kernel kind;
    bool (*supported)();

    // to = (accumulate ? to : 0) ^ sum of factors[coefficients[i]] * from[i]; any length
    void (*dot)(uint8_t* to, const uint8_t* const* from, const uint8_t* coefficients, size_t count, size_t bytes,
                const Gf8Factor* factors, bool accumulate);
};

extern const Gf8Kernel kGf8Scalar;
extern const Gf8Kernel kGf8Avx2;

// The kernel of that kind, the scalar one where the CPU lacks it; Best is the first supported row.
[[nodiscard]] const Gf8Kernel& select_gf8_kernel(Kernel kind);

}  // namespace punktfunk::fec
