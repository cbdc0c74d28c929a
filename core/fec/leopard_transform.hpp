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
    // Lowest pass first.
    struct Cut {
        size_t passes = 0;
        size_t layers[16];
    };
    [[nodiscard]] Cut cut(const Gf16Pass& pass) const;
    // Whether all twiddles from a layer on are in GF(2^8).
    static bool byte_factors(const Gf16Pass& pass, size_t layers, size_t from_layer);

    const Gf16Kernel& kernel_;
    const Gf16Tower& tower_;
};

}  // namespace punktfunk::fec
