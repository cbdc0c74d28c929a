// The additive FFT over arrays of symbol vectors (spec §4.9.3), and the multiplier tables it walks through.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <span>

#include "gf16_field.hpp"
#include "gf16_kernel.hpp"

namespace punktfunk::fec {

class LeopardTransform {
  public:
    LeopardTransform(const Gf16Kernel& kernel, const Gf16Field& field) : kernel_(kernel), field_(field) {}

    // Makes the tables for skew indices below `end`. To be called before a transform with size + offset <= end.
    void require(size_t end) const;

    // `work` holds `size` vectors of `bytes` bytes, back to back. Vectors from `count` on are zero.
    void inverse(uint8_t* work, size_t size, size_t bytes, size_t offset, size_t count) const;
    // Only vectors below `count` come out right.
    void forward(uint8_t* work, size_t size, size_t bytes, size_t offset, size_t count) const;
    // Only the wanted vectors come out right: wanted_before[i] = how many wanted ones lie before i (size + 1 entries).
    void forward_sparse(uint8_t* work, size_t size, size_t bytes, std::span<const uint32_t> wanted_before) const;

  private:
    void forward_group(uint8_t* work, size_t first, size_t half, size_t bytes, size_t offset) const;
    [[nodiscard]] const Gf16Multiplier& multiplier(size_t skew_index) const {
        return segments_[skew_index / kSegment].entries[skew_index % kSegment];
    }

    // 8 MiB of tables in all, of which an ordinary stream needs the first half MiB: made on demand.
    static constexpr size_t kSegment = 4096;
    struct Segment {
        std::once_flag made;
        std::unique_ptr<Gf16Multiplier[]> entries;
    };
    const Gf16Kernel& kernel_;
    const Gf16Field& field_;
    mutable std::array<Segment, Gf16Field::kOrder / kSegment> segments_;
};

}  // namespace punktfunk::fec
