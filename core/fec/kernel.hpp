// The seam between the codes and the instruction sets. A new kernel (GFNI, AVX-512) is one more file that defines a
// KernelOps, and one more row in kernel.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::fec {

// One GF(2^16) factor in the form the kernel multiplies with; the kernel's prepare() fills it.
// The scalar and the AVX2 kernel hold four nibble tables: low[4][16], then high[4][16].
struct Gf16Multiplier {
    alignas(64) std::array<uint8_t, 128> bytes;
};

// GF(2^16) operands are in 64-byte chunks (32 low bytes, 32 high bytes); `bytes` is a multiple of 64.
inline constexpr size_t kChunkBytes = 64;

// GF(2^8) factors: products with the low and with the high nibble.
struct Gf8Factor {
    std::array<uint8_t, 16> low, high;
};

struct KernelOps {
    std::string_view name;
    Kernel kind;
    bool (*supported)();

    // products[b] = factor * (1 << b)
    void (*gf16_prepare)(const std::array<uint16_t, 16>& products, Gf16Multiplier& out);
    void (*gf16_mul)(uint8_t* data, const Gf16Multiplier& factor, size_t bytes);
    // ifft: y ^= x; x ^= y * factor.   fft: x ^= y * factor; y ^= x.
    void (*gf16_ifft)(uint8_t* x, uint8_t* y, const Gf16Multiplier& factor, size_t bytes);
    void (*gf16_fft)(uint8_t* x, uint8_t* y, const Gf16Multiplier& factor, size_t bytes);
    void (*xor_into)(uint8_t* to, const uint8_t* from, size_t bytes);  // any length

    // to = (accumulate ? to : 0) ^ sum of factors[coefficients[i]] * from[i]; any length
    void (*gf8_dot)(uint8_t* to, const uint8_t* const* from, const uint8_t* coefficients, size_t count, size_t bytes,
                    const Gf8Factor* factors, bool accumulate);
};

extern const KernelOps kScalarKernel;
extern const KernelOps kAvx2Kernel;

// The kernel of that kind, the scalar one where the CPU lacks it; Best is the first supported row.
[[nodiscard]] const KernelOps& select_kernel(Kernel kind);

}  // namespace punktfunk::fec
