#include "gf16_kernel.hpp"

namespace punktfunk::fec {
namespace {

// Fastest first.
constexpr const Gf16Kernel* kKernels[] = {
#if defined(__x86_64__)
    &kGf16Avx2,
#endif
    &kGf16Scalar,
};

}  // namespace

const Gf16Kernel& select_gf16_kernel(Kernel kind) {
    for (const Gf16Kernel* kernel : kKernels) {
        if ((kind == Kernel::Best || kernel->kind == kind) && kernel->supported()) return *kernel;
    }
    return kGf16Scalar;
}

}  // namespace punktfunk::fec
