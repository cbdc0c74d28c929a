#include "cauchy_code.hpp"

#include <algorithm>

#include "workspace.hpp"

namespace punktfunk::fec {
namespace {

constexpr size_t kMaxShards = 255;

uint8_t multiply_slowly(unsigned a, unsigned b) {
    unsigned product = 0;
    for (; b != 0; b >>= 1) {
        if (b & 1) product ^= a;
        a <<= 1;
        if (a & 0x100) a ^= 0x11D;
    }
    return static_cast<uint8_t>(product);
}

Result<void> check(size_t k, size_t m, size_t shard_bytes) {
    if (shard_bytes == 0 || shard_bytes % 2 != 0) {
        return fail(ErrorCode::InvalidArgument, "shard length {} is not even and positive", shard_bytes);
    }
    if (k == 0) return fail(ErrorCode::InvalidArgument, "no data shards");
    if (k > kMaxShards || m > kMaxShards - k) {
        return fail(ErrorCode::Unsupported, "{} data and {} parity shards are too many for GF(2^8)", k, m);
    }
    return {};
}

// Gauss-Jordan on [a | result], both n x n; false when a is singular.
bool invert(const Gf8Field& field, std::span<uint8_t> a, std::span<uint8_t> result, size_t n) {
    std::ranges::fill(result, uint8_t{0});
    for (size_t i = 0; i < n; ++i) result[i * n + i] = 1;
    for (size_t pivot = 0; pivot < n; ++pivot) {
        size_t row = pivot;
        while (row < n && a[row * n + pivot] == 0) ++row;
        if (row == n) return false;
        for (size_t column = 0; column < n; ++column) {
            std::swap(a[row * n + column], a[pivot * n + column]);
            std::swap(result[row * n + column], result[pivot * n + column]);
        }
        const uint8_t scale = field.inverse(a[pivot * n + pivot]);
        for (size_t column = 0; column < n; ++column) {
            a[pivot * n + column] = field.multiply(a[pivot * n + column], scale);
            result[pivot * n + column] = field.multiply(result[pivot * n + column], scale);
        }
        for (size_t other = 0; other < n; ++other) {
            const uint8_t factor = a[other * n + pivot];
            if (other == pivot || factor == 0) continue;
            for (size_t column = 0; column < n; ++column) {
                a[other * n + column] ^= field.multiply(a[pivot * n + column], factor);
                result[other * n + column] ^= field.multiply(result[pivot * n + column], factor);
            }
        }
    }
    return true;
}

}  // namespace

Gf8Field::Gf8Field() {
    for (unsigned a = 0; a < 256; ++a) {
        for (unsigned nibble = 0; nibble < 16; ++nibble) {
            factors_[a].low[nibble] = multiply_slowly(a, nibble);
            factors_[a].high[nibble] = multiply_slowly(a, nibble << 4);
        }
    }
    for (unsigned a = 1; a < 256; ++a) {
        for (unsigned b = 1; b < 256; ++b) {
            if (multiply(static_cast<uint8_t>(a), static_cast<uint8_t>(b)) == 1) inverse_[a] = static_cast<uint8_t>(b);
        }
    }
}

Result<void> CauchyCode::encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity,
                                size_t shard_bytes, Workspace& workspace) const {
    if (parity.empty()) return {};
    if (auto ok = check(data.size(), parity.size(), shard_bytes); !ok) return ok;
    auto& coefficients = workspace.impl().coefficients;
    coefficients.resize(data.size());
    for (size_t row = 0; row < parity.size(); ++row) {
        for (size_t column = 0; column < data.size(); ++column) {
            coefficients[column] = matrix(parity.size(), row, column);
        }
        kernel_.dot(parity[row], data.data(), coefficients.data(), data.size(), shard_bytes, field_.factors(), false);
    }
    return {};
}

Result<void> CauchyCode::reconstruct(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                                     std::span<const uint8_t* const> parity, size_t shard_bytes,
                                     Workspace& workspace) const {
    if (data.size() != data_present.size()) return fail(ErrorCode::InvalidArgument, "presence map of the wrong size");
    const auto missing = static_cast<size_t>(std::ranges::count(data_present, 0));
    const size_t spare = parity.size() - static_cast<size_t>(std::ranges::count(parity, nullptr));
    if (missing == 0) return {};
    if (auto ok = check(data.size(), parity.size(), shard_bytes); !ok) return ok;
    if (missing > spare) return fail(ErrorCode::Exhausted, "{} data shards lost, {} parity shards", missing, spare);

    // Take as many parity rows as shards are lost; move what is known to their other side; solve for the rest.
    Workspace::Impl& space = workspace.impl();
    auto& rows = space.indices;
    rows.clear();
    for (size_t j = 0; j < parity.size() && rows.size() < missing; ++j) {
        if (parity[j]) rows.push_back(j);
    }
    space.matrix.resize(2 * missing * missing);
    const std::span<uint8_t> system(space.matrix.data(), missing * missing);
    const std::span<uint8_t> solution(space.matrix.data() + missing * missing, missing * missing);
    for (size_t row = 0; row < missing; ++row) {
        size_t unknown = 0;
        for (size_t column = 0; column < data.size(); ++column) {
            if (!data_present[column]) system[row * missing + unknown++] = matrix(parity.size(), rows[row], column);
        }
    }
    if (!invert(field_, system, solution, missing)) return fail(ErrorCode::Internal, "singular Cauchy matrix");

    auto& sources = space.pointers;
    uint8_t* sides = space.scratch(missing * shard_bytes);
    for (size_t row = 0; row < missing; ++row) {
        sources.clear();
        space.coefficients.clear();
        sources.push_back(parity[rows[row]]);
        space.coefficients.push_back(1);
        for (size_t column = 0; column < data.size(); ++column) {
            if (!data_present[column]) continue;
            sources.push_back(data[column]);
            space.coefficients.push_back(matrix(parity.size(), rows[row], column));
        }
        kernel_.dot(sides + row * shard_bytes, sources.data(), space.coefficients.data(), sources.size(), shard_bytes,
                    field_.factors(), false);
    }
    sources.clear();
    for (size_t row = 0; row < missing; ++row) sources.push_back(sides + row * shard_bytes);
    size_t unknown = 0;
    for (size_t column = 0; column < data.size(); ++column) {
        if (data_present[column]) continue;
        kernel_.dot(data[column], sources.data(), solution.data() + unknown++ * missing, missing, shard_bytes,
                    field_.factors(), false);
    }
    return {};
}

}  // namespace punktfunk::fec
