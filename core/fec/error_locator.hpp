// Sums of logarithms of differences between code positions, which is what a decoder's constants are made of.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "gf16_field.hpp"

namespace punktfunk::fec {

// The positions lie in [0, n), n a power of two, and so do their differences, which are XORs: a Walsh transform of size
// n finds the sums for all of them at once.
class ErrorLocator {
  public:
    explicit ErrorLocator(const Gf16Field& field) : field_(field) {}

    // On entry weight[p] is -1, 0 or 1; on return it is, modulo 65535, the sum over all q of weight[q] * log(p ^ q).
    void locate(std::span<int32_t> weights) const;

  private:
    std::span<const int32_t> transformed_logarithms(size_t size_log2) const;
    struct Table {
        std::once_flag made;
        std::vector<int32_t> values;
    };
    const Gf16Field& field_;
    mutable std::array<Table, 17> tables_;
};

}  // namespace punktfunk::fec
