// The error locator of an erasure pattern, in logarithms (spec §4.9.5): for every code position, the sum of the
// logarithms of its differences to all erased positions, modulo 65535.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "gf16_field.hpp"

namespace punktfunk::fec {

// Positions and erasures lie in [0, n), n a power of two, and so do their XOR differences: a Walsh transform of size n
// does what the textbook one does with 65,536 points. Erasures outside [0, n) (the low-rate code has them) would add
// the same constant to every position, which cancels between dividing and multiplying.
class ErrorLocator {
  public:
    explicit ErrorLocator(const Gf16Field& field) : field_(field) {}

    // `erased` holds 1 at erased positions, else 0; its size is n. Overwritten with the sums, 0..65534.
    void locate(std::span<int64_t> erased) const;

  private:
    std::span<const int64_t> transformed_logarithms(size_t size_log2) const;
    struct Table {
        std::once_flag made;
        std::vector<int64_t> values;
    };
    const Gf16Field& field_;
    mutable std::array<Table, 17> tables_;
};

}  // namespace punktfunk::fec
