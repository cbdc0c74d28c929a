#include "matrix_code.hpp"

#include <algorithm>
#include <array>

#include "gf8_field.hpp"
#include "workspace.hpp"

namespace punktfunk::fec {
namespace {

constexpr size_t kMaxShards = 255;

// Gauss-Jordan on the n x n matrix `rows`, beside which `inverse` becomes its inverse, both row by row. False when it
// has none.
bool invert(std::span<uint8_t> rows, std::span<uint8_t> inverse, size_t n) {
    const auto& field = kGf8Field;
    std::ranges::fill(inverse, uint8_t{0});
    for (size_t i = 0; i < n; ++i) inverse[i * n + i] = 1;
    for (size_t pivot = 0; pivot < n; ++pivot) {
        size_t found = pivot;
        while (found < n && rows[found * n + pivot] == 0) ++found;
        if (found == n) return false;
        for (const auto& matrix : {rows, inverse}) {
            std::swap_ranges(&matrix[pivot * n], &matrix[pivot * n] + n, &matrix[found * n]);
        }
        const uint8_t scale = field.inverse(rows[pivot * n + pivot]);
        for (const auto& matrix : {rows, inverse}) {
            for (size_t i = 0; i < n; ++i) matrix[pivot * n + i] = field.multiply(matrix[pivot * n + i], scale);
        }
        for (size_t row = 0; row < n; ++row) {
            const uint8_t factor = rows[row * n + pivot];
            if (row == pivot || factor == 0) continue;
            for (const auto& matrix : {rows, inverse}) {
                for (size_t i = 0; i < n; ++i) {
                    matrix[row * n + i] =
                        static_cast<uint8_t>(matrix[row * n + i] ^ field.multiply(factor, matrix[pivot * n + i]));
                }
            }
        }
    }
    return true;
}

}  // namespace

MatrixCode::MatrixCode(const Gf8Kernel& kernel, std::span<const uint8_t> rows, size_t data_shards)
    : kernel_(kernel), k_(data_shards), m_(rows.size() / data_shards), columns_(rows.size()) {
    for (size_t row = 0; row < m_; ++row) {
        for (size_t column = 0; column < k_; ++column) columns_[column * m_ + row] = rows[row * k_ + column];
    }
}

Result<void> MatrixCode::check(size_t k, size_t m, size_t shard_bytes) const {
    if (shard_bytes == 0) return fail(ErrorCode::InvalidArgument, "empty shards");
    if (k != k_ || m != m_ || k + m > kMaxShards) {
        return fail(ErrorCode::Unsupported, "{} data and {} parity shards for a matrix of {} and {}", k, m, k_, m_);
    }
    return {};
}

Result<void> MatrixCode::encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity,
                                size_t shard_bytes, Workspace&) const {
    if (auto ok = check(data.size(), parity.size(), shard_bytes); !ok) return ok;
    kernel_for(shard_bytes).multiply({data.data(), parity.data(), nullptr, shard_bytes}, k_, m_, columns_.data());
    return {};
}

Result<void> MatrixCode::reconstruct(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                                     std::span<const uint8_t* const> parity, size_t shard_bytes,
                                     Workspace& workspace) const {
    if (auto ok = check(data.size(), parity.size(), shard_bytes); !ok) return ok;
    if (data.size() != data_present.size()) return fail(ErrorCode::InvalidArgument, "presence map of the wrong size");
    std::array<size_t, kMaxShards> lost, rows;
    std::array<const uint8_t*, kMaxShards> present, added, unexplained;
    std::array<uint8_t*, kMaxShards> remainders, restored;
    size_t missing = 0, here = 0, spare = 0;
    for (size_t i = 0; i < k_; ++i) {
        if (data_present[i] == 0) {
            restored[missing] = data[i];
            lost[missing++] = i;
        } else {
            present[here++] = data[i];
        }
    }
    if (missing == 0) return {};
    for (size_t j = 0; j < m_ && spare < missing; ++j) {
        if (parity[j] != nullptr) rows[spare++] = j;
    }
    if (missing > spare) return fail(ErrorCode::Exhausted, "{} data shards lost, {} parity shards", missing, spare);

    // What of each parity row the shards that are here do not explain is the matrix of those rows times what is lost.
    Workspace::Impl& space = workspace.impl();
    uint8_t* scratch = space.scratch(missing * shard_bytes);
    space.coefficients.resize(here * missing + 2 * missing * missing);
    uint8_t* known = space.coefficients.data();
    const std::span unknown(known + here * missing, missing * missing);
    const std::span inverse(unknown.data() + missing * missing, missing * missing);
    for (size_t i = 0, next = 0; i < k_; ++i) {
        if (data_present[i] == 0) continue;
        for (size_t j = 0; j < missing; ++j) known[next++] = coefficient(rows[j], i);
    }
    for (size_t j = 0; j < missing; ++j) {
        for (size_t i = 0; i < missing; ++i) unknown[j * missing + i] = coefficient(rows[j], lost[i]);
        added[j] = parity[rows[j]];
        unexplained[j] = remainders[j] = scratch + j * shard_bytes;
    }
    if (!invert(unknown, inverse, missing)) {
        return fail(ErrorCode::Exhausted, "the parity at hand does not determine what is lost");
    }
    const Gf8Kernel& kernel = kernel_for(shard_bytes);
    kernel.multiply({present.data(), remainders.data(), added.data(), shard_bytes}, here, missing, known);
    for (size_t j = 0; j < missing; ++j) {  // the kernels read columns
        for (size_t i = 0; i < missing; ++i) unknown[j * missing + i] = inverse[i * missing + j];
    }
    kernel.multiply({unexplained.data(), restored.data(), nullptr, shard_bytes}, missing, missing, unknown.data());
    return {};
}

}  // namespace punktfunk::fec
