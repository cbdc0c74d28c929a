#include "gf8_kernel.hpp"

namespace punktfunk::fec {
namespace {

// Fastest first.
constexpr const Gf8Kernel* kKernels[] = {
#if defined(__x86_64__)
    &kGf8Avx2,
#endif
    &kGf8Scalar,
};

}  // namespace

const Gf8Kernel& select_gf8_kernel(Kernel kind) {
    for (const Gf8Kernel* kernel : kKernels) {
        if ((kind == Kernel::Best || kernel->kind == kind) && kernel->supported()) return *kernel;
    }
    return kGf8Scalar;
}

}  // namespace punktfunk::fec
