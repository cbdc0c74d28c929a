// Scratch memory of a Workspace: grows, never shrinks, so a steady stream of frames allocates nothing.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::fec {

struct Workspace::Impl {
    // At least `bytes` bytes, 64-byte aligned, contents undefined.
    uint8_t* scratch(size_t bytes) {
        if (bytes > scratch_bytes_) {
            // Ordinary frames need no more than the least; those that grow little by little must not allocate each
            // time.
            bytes = std::max({bytes, 2 * scratch_bytes_, kLeast});
            // Transforms walk over large scratch in long strides; on small pages that costs address translations.
            const bool large = bytes >= kHugePage / 8;
            const size_t alignment = large ? kHugePage : kLine;
            bytes = (bytes + alignment - 1) / alignment * alignment;
            scratch_bytes_ = 0;
            scratch_.reset(static_cast<uint8_t*>(std::aligned_alloc(alignment, bytes)));
            if (!scratch_) throw std::bad_alloc();
            scratch_bytes_ = bytes;
#if defined(MADV_HUGEPAGE)
            if (large) ::madvise(scratch_.get(), bytes, MADV_HUGEPAGE);  // advice: it works without, too
#endif
        }
        return scratch_.get();
    }

    std::vector<uint8_t> coefficients;
    std::vector<uint8_t> zeros;

    // Leopard's (strips.hpp, leopard_recovery.hpp).
    std::vector<uint8_t> staged;
    std::vector<const uint8_t*> in, staged_in, rows;
    std::vector<uint8_t*> out, staged_out;
    std::vector<uint32_t> lost, used, known, wanted_before;
    std::vector<int32_t> weights;
    std::vector<int64_t> locators;
    std::vector<uint16_t> factors;

  private:
    static constexpr size_t kLine = 64, kHugePage = size_t{2} << 20, kLeast = size_t{192} << 10;
    struct Free {
        void operator()(uint8_t* memory) const { std::free(memory); }
    };
    std::unique_ptr<uint8_t, Free> scratch_;
    size_t scratch_bytes_ = 0;
};

}  // namespace punktfunk::fec
