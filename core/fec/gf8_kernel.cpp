#include "gf8_kernel.hpp"

namespace punktfunk::fec {
namespace {

constexpr const Gf8Kernel* kGf8Kernels[] = {
#if defined(__x86_64__)
    &kGf8Avx512Gfni, &kGf8Avx2Gfni, &kGf8Avx2, &kGf8Ssse3,
#elif defined(__aarch64__)
    &kGf8Neon,
#endif
    &kGf8Scalar,
};

}  // namespace

std::span<const Gf8Kernel* const> gf8_kernels() {
    return kGf8Kernels;
}

const Gf8Kernel& select_gf8_kernel(Kernel kind) {
    for (const Gf8Kernel* kernel : kGf8Kernels) {
        if ((kind == Kernel::Best || kernel->kind == kind) && kernel->supported()) return *kernel;
    }
    return kGf8Scalar;
}

}  // namespace punktfunk::fec
