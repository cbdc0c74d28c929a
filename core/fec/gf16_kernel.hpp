// The seam between Leopard's code and the instruction sets. A new kernel is one more file that names a vector trait
// (gf16_passes.hpp), and one more row in gf16_kernel.cpp.
//
// Kernels work on a strip: the same few columns of many shards. Inside, a row of a strip holds symbols in tower form,
// as vectors of low and high bytes in turn; from outside only its size matters, which is that of the columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gf16_tower.hpp"
#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::fec {

// A strip's columns begin at a multiple of this in the shard, and are a multiple of it wide, in bytes: two of Leopard's
// chunks (32 low bytes, 32 high bytes), because 64-byte vectors are filled from two.
inline constexpr size_t kUnitBytes = 128;
inline constexpr size_t kCacheLine = 64;

// Rows of a strip in scratch memory, 64-byte aligned, `width` bytes each. The gaps keep rows whose distance is a power
// of two, which a butterfly touches together, out of each other's cache sets.
struct Gf16Rows {
    uint8_t* first = nullptr;
    size_t width = 0;

    [[nodiscard]] static size_t offset(size_t row, size_t width) {
        return row * width + ((row >> 4) + (row >> 8)) * kCacheLine;
    }
    [[nodiscard]] uint8_t* at(size_t row) const { return first + offset(row, width); }
};

// Some neighbouring layers of the additive FFT (spec §4.9.3) over all rows of a strip: rows come from shards or from
// `rows`, and go to shards or to rows.
struct Gf16Pass {
    size_t first_layer, layers;     // the lowest, and how many
    size_t position;                // of row 0 in the code
    size_t begin, end;              // a group of rows before or after these is left out
    const uint32_t* wanted_before;  // [i] = how many rows before i are wanted; a group without any is left out. Or null

    const uint8_t* const* from_shards;  // null: from `from`. A null shard is zero
    Gf16Rows from;
    size_t from_count;          // rows from here on are zero
    uint8_t* const* to_shards;  // null: to `to`
    Gf16Rows to;
    size_t to_count;    // shards from here on do not exist
    bool accumulate;    // to rows only: XOR into what is there
    bool byte_factors;  // all twiddles are in GF(2^8)

    size_t column, width;  // of the strip in the shards
    uint8_t* spare;        // a row nobody reads
    const uint8_t* zeros;  // a row of zeros
};

// output[i] = sum over s of coefficients[s * output_count + i] * source[s].
struct Gf16Combination {
    const uint8_t* const* sources;  // rows
    size_t source_count;
    const uint16_t* coefficients;  // in tower form
    uint8_t* const* outputs;       // shards, or rows when to_rows
    size_t output_count;
    bool to_rows;
    bool byte_factors;  // all coefficients are in GF(2^8)
    size_t column, width;
};

struct Gf16Kernel {
    std::string_view name;
    Kernel kind;
    bool (*supported)();

    // Most layers a pass may have: when it touches shards or has twiddles outside GF(2^8), and when it does not.
    size_t symbol_layers, byte_layers;
    void (*inverse)(const Gf16Pass& pass, const Gf16Tower& tower);
    void (*forward)(const Gf16Pass& pass, const Gf16Tower& tower);
    void (*combine)(const Gf16Combination& combination, const Gf16Tower& tower);
};

extern const Gf16Kernel kGf16Scalar;
extern const Gf16Kernel kGf16Avx2;
extern const Gf16Kernel kGf16Avx2Gfni;
extern const Gf16Kernel kGf16Avx512Gfni;
extern const Gf16Kernel kGf16Neon;

[[nodiscard]] std::span<const Gf16Kernel* const> gf16_kernels();  // fastest first

// The kernel of that kind, the scalar one where the CPU lacks it; Best is the first supported row.
[[nodiscard]] const Gf16Kernel& select_gf16_kernel(Kernel kind);

}  // namespace punktfunk::fec
