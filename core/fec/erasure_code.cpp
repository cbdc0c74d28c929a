#include "punktfunk/fec/erasure_code.hpp"

#include <algorithm>
#include <bit>

#include "cauchy_code.hpp"
#include "gf16_field.hpp"
#include "leopard_code.hpp"
#include "matrix_code.hpp"
#include "workspace.hpp"

namespace punktfunk::fec {
namespace {

std::shared_ptr<const ErasureCode> make(Scheme scheme, Kernel kernel) {
    if (scheme == Scheme::Gf8) return std::make_shared<CauchyCode>(select_gf8_kernel(kernel));
    return std::make_shared<LeopardCode>(select_gf16_kernel(kernel));
}

}  // namespace

size_t max_total_shards(Scheme scheme) {
    return scheme == Scheme::Gf8 ? 255 : 65535;
}

bool is_possible(Scheme scheme, size_t data_shards, size_t parity_shards) {
    if (scheme == Scheme::Gf8) return data_shards + parity_shards <= max_total_shards(scheme);
    const size_t larger = std::max(data_shards, parity_shards), smaller = std::min(data_shards, parity_shards);
    return larger < Gf16Field::kOrder && std::bit_ceil(smaller) + larger <= Gf16Field::kOrder;
}

Workspace::Workspace() : impl_(std::make_unique<Impl>()) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

std::shared_ptr<const ErasureCode> erasure_code(Scheme scheme, Kernel kernel) {
    // A named kernel is asked for by tests and benchmarks only, and they may have an instance of their own.
    if (kernel != Kernel::Best) return make(scheme, kernel);
    // Immutable once made, so sharing one between all sessions is only a saving.
    if (scheme == Scheme::Gf16) {
        static const auto code = make(Scheme::Gf16, Kernel::Best);
        return code;
    }
    static const auto code = make(Scheme::Gf8, Kernel::Best);
    return code;
}

std::shared_ptr<const ErasureCode> matrix_code(std::span<const uint8_t> rows, size_t data_shards) {
    return std::make_shared<MatrixCode>(select_gf8_kernel(Kernel::Best), rows, data_shards);
}

}  // namespace punktfunk::fec
