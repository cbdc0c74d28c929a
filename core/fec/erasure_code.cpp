#include "punktfunk/fec/erasure_code.hpp"

#include "cauchy_code.hpp"
#include "leopard_code.hpp"
#include "workspace.hpp"

namespace punktfunk::fec {
namespace {

// The code together with the field tables it points into. The field is 400 KiB and the same for every kernel.
struct OwnedLeopard {
    explicit OwnedLeopard(const KernelOps& kernel) : code(kernel, field) {}
    Gf16Field field;
    LeopardCode code;
};

std::shared_ptr<const ErasureCode> make_leopard(const KernelOps& kernel) {
    auto owned = std::make_shared<OwnedLeopard>(kernel);
    return {owned, &owned->code};
}

// Immutable once made, so sharing one between all sessions is only a saving.
std::shared_ptr<const ErasureCode> scalar_code(Scheme scheme) {
    if (scheme == Scheme::Gf16) {
        static const auto code = make_leopard(kScalarKernel);
        return code;
    }
    static const std::shared_ptr<const ErasureCode> code = std::make_shared<CauchyCode>(kScalarKernel);
    return code;
}

std::shared_ptr<const ErasureCode> best_code(Scheme scheme) {
    if (scheme == Scheme::Gf16) {
        static const auto code = make_leopard(select_kernel(Kernel::Best));
        return code;
    }
    static const std::shared_ptr<const ErasureCode> code = std::make_shared<CauchyCode>(select_kernel(Kernel::Best));
    return code;
}

}  // namespace

size_t max_total_shards(Scheme scheme) {
    return scheme == Scheme::Gf8 ? 255 : 65535;
}

Workspace::Workspace() : impl_(std::make_unique<Impl>()) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

std::shared_ptr<const ErasureCode> erasure_code(Scheme scheme, Kernel kernel) {
    const KernelOps& chosen = select_kernel(kernel);
    if (&chosen == &kScalarKernel) return scalar_code(scheme);
    if (&chosen == &select_kernel(Kernel::Best)) return best_code(scheme);
    // A named kernel that is neither: only tests and benchmarks ask for it, and they may have their own instance.
    if (scheme == Scheme::Gf16) return make_leopard(chosen);
    return std::make_shared<CauchyCode>(chosen);
}

}  // namespace punktfunk::fec
