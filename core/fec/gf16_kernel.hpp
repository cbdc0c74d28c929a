// The seam between Leopard's code and the instruction sets. A new kernel is one more file that defines a Gf16Kernel,
// and one more row in gf16_kernel.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::fec {

// One factor in the form the kernel multiplies with; the kernel's prepare() fills it.
// The scalar and the AVX2 kernel hold four nibble tables: low[4][16], then high[4][16].
struct Gf16Multiplier {
    alignas(64) std::array<uint8_t, 128> bytes;
};

// Operands are in 64-byte chunks (32 low bytes, 32 high bytes); `bytes` is a multiple of 64.
inline constexpr size_t kChunkBytes = 64;

struct Gf16Kernel {
    std::string_view name;
    Kernel kind;
    bool (*supported)();

    // products[b] = factor * (1 << b)
    void (*prepare)(const std::array<uint16_t, 16>& products, Gf16Multiplier& out);
    void (*mul)(uint8_t* data, const Gf16Multiplier& factor, size_t bytes);
    // ifft: y ^= x; x ^= y * factor.   fft: x ^= y * factor; y ^= x.
    void (*ifft)(uint8_t* x, uint8_t* y, const Gf16Multiplier& factor, size_t bytes);
    void (*fft)(uint8_t* x, uint8_t* y, const Gf16Multiplier& factor, size_t bytes);
    void (*xor_into)(uint8_t* to, const uint8_t* from, size_t bytes);  // any length
};

extern const Gf16Kernel kGf16Scalar;
extern const Gf16Kernel kGf16Avx2;

// The kernel of that kind, the scalar one where the CPU lacks it; Best is the first supported row.
[[nodiscard]] const Gf16Kernel& select_gf16_kernel(Kernel kind);

}  // namespace punktfunk::fec
