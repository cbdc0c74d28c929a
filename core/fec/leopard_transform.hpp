// The additive FFT over the rows of a strip (spec §4.9.3).
#pragma once

#include "gf16_kernel.hpp"

namespace punktfunk::fec {

// Cuts a transform, described as one pass with all its layers, into the passes that a kernel has the registers for.
class LeopardTransform {
  public:
    LeopardTransform(const Gf16Kernel& kernel, const Gf16Tower& tower) : kernel_(kernel), tower_(tower) {}

    // From the pass's source to its sink, through `between` (which may be one of them).
    void inverse(Gf16Pass pass, Gf16Rows between) const;
    void forward(Gf16Pass pass, Gf16Rows between) const;

  private:
    static constexpr size_t kMostPasses = 16;
    // Lowest pass first.
    struct Cut {
        size_t passes = 0;
        size_t layers[kMostPasses];
    };
    // These passes, the lowest first, over the rows [begin, end). A group of the highest is done with all that is below
    // it before the next one begins: what a pass writes is still in the nearest cache when the next pass reads it.
    void inverse(std::span<const Gf16Pass> passes, size_t begin, size_t end) const;
    void forward(std::span<const Gf16Pass> passes, size_t begin, size_t end) const;
    [[nodiscard]] Cut cut(const Gf16Pass& pass) const;
    // Whether all twiddles from a layer on are in GF(2^8).
    static bool byte_factors(const Gf16Pass& pass, size_t layers, size_t from_layer);

    const Gf16Kernel& kernel_;
    const Gf16Tower& tower_;
};

}  // namespace punktfunk::fec
