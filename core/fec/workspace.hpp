// Scratch memory of a Workspace: grows, never shrinks, so a steady stream of frames allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gf16_kernel.hpp"

namespace punktfunk::fec {

struct Workspace::Impl {
    // At least `bytes` bytes, 64-byte aligned, contents undefined.
    uint8_t* scratch(size_t bytes) {
        const size_t lines = (bytes + sizeof(Line) - 1) / sizeof(Line);
        if (lines > lines_) {
            lines_of_scratch_ = std::make_unique_for_overwrite<Line[]>(lines);
            lines_ = lines;
        }
        return lines_of_scratch_[0].bytes;
    }

    std::vector<Gf16Multiplier> multipliers;
    std::vector<int64_t> walsh;
    std::vector<uint32_t> missing_before;  // prefix counts over code positions
    std::vector<uint8_t> coefficients;
    std::vector<uint8_t> zeros;

  private:
    struct Line {
        alignas(64) uint8_t bytes[64];
    };
    std::unique_ptr<Line[]> lines_of_scratch_;
    size_t lines_ = 0;
};

}  // namespace punktfunk::fec
