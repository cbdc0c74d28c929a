#include "gf16_kernel.hpp"

namespace punktfunk::fec {
namespace {

constexpr const Gf16Kernel* kGf16Kernels[] = {
#if defined(__x86_64__)
    &kGf16Avx512Gfni,
    &kGf16Avx2Gfni,
    &kGf16Avx2,
#elif defined(__aarch64__)
    &kGf16Neon,
#endif
    &kGf16Scalar,
};

}  // namespace

std::span<const Gf16Kernel* const> gf16_kernels() {
    return kGf16Kernels;
}

const Gf16Kernel& select_gf16_kernel(Kernel kind) {
    for (const Gf16Kernel* kernel : kGf16Kernels) {
        if ((kind == Kernel::Best || kernel->kind == kind) && kernel->supported()) return *kernel;
    }
    return kGf16Scalar;
}

}  // namespace punktfunk::fec
