#include "kernel.hpp"

namespace punktfunk::fec {
namespace {

// Fastest first.
constexpr const KernelOps* kKernels[] = {
#if defined(__x86_64__)
    &kAvx2Kernel,
#endif
    &kScalarKernel,
};

}  // namespace

const KernelOps& select_kernel(Kernel kind) {
    for (const KernelOps* kernel : kKernels) {
        if ((kind == Kernel::Best || kernel->kind == kind) && kernel->supported()) return *kernel;
    }
    return kScalarKernel;
}

}  // namespace punktfunk::fec
