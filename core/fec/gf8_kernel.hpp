// The seam between the Cauchy code and the instruction sets. A new kernel is one more vector trait, one more file that
// makes a Gf8Kernel of it (gf8_vector_kernel.hpp), and one more row in gf8_kernel.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::fec {

// What one call works on. No output is an input.
struct Gf8Shards {
    const uint8_t* const* from;
    uint8_t* const* to;
    const uint8_t* const* add;  // what each output starts from; nullptr = from zero
    size_t bytes;
};

// Of a transform's butterfly, measured in multiply-adds of multiply(): of up to few_rows rows, and of more.
struct ButterflyCost {
    double few, many;
    size_t few_rows;
};

struct Gf8Kernel {
    std::string_view name;
    Kernel kind;
    bool (*supported)();
    size_t minimum_bytes;  // shorter shards are not for this kernel

    // to[j] = add[j] + sum of coefficients[i * rows + j] * from[i], i < count, j < rows
    void (*multiply)(const Gf8Shards& shards, size_t count, size_t rows, const uint8_t* coefficients);

    // to[x] = add[x] + sum of from[y] / (x + y), x < rows, rows <= y < end: the Cauchy matrix on whole ranges of
    // points, by additive FFTs. 2 <= rows < end <= 256; from[] has shards up to the next multiple of bit_ceil(rows),
    // zeros where y is out of range. nullptr = has none.
    void (*transform)(const Gf8Shards& shards, size_t rows, size_t end);
    ButterflyCost butterfly_cost;
};

extern const Gf8Kernel kGf8Scalar, kGf8Ssse3, kGf8Avx2, kGf8Avx2Gfni, kGf8Avx512Gfni, kGf8Neon;

// This machine's architecture's kernels, fastest first; the scalar one is the last.
[[nodiscard]] std::span<const Gf8Kernel* const> gf8_kernels();
// The kernel of that kind, the scalar one where the CPU lacks it; Best is the first supported one.
[[nodiscard]] const Gf8Kernel& select_gf8_kernel(Kernel kind);

}  // namespace punktfunk::fec
