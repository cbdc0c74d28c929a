#include "cauchy_code.hpp"

#include <algorithm>
#include <bit>

#include "gf8_field.hpp"
#include "workspace.hpp"

namespace punktfunk::fec {
namespace {

constexpr size_t kMaxShards = 255;
constexpr size_t kPoints = 256;
constexpr auto kAllPoints = [] {
    std::array<uint8_t, kPoints> points{};
    for (size_t i = 0; i < kPoints; ++i) points[i] = static_cast<uint8_t>(i);
    return points;
}();

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

// Multiplications of a transform, counted in butterflies: every coset of `rows` and the rows themselves have one.
size_t transform_cost(size_t rows, size_t end) {
    const size_t size = std::bit_ceil(rows), cosets = (end + size - 1) / size;
    return cosets * size * static_cast<size_t>(std::countr_zero(size) + 2) / 2;
}

bool transform_is_cheaper(const Gf8Kernel& kernel, size_t rows, size_t end, size_t products) {
    if (!kernel.transform || rows <= 2) return false;
    const ButterflyCost& cost = kernel.butterfly_cost;
    return (rows <= cost.few_rows ? cost.few : cost.many) * static_cast<double>(transform_cost(rows, end)) <
           static_cast<double>(products);
}

// 1 / (x + y), as a kernel reads them. Valid until the workspace is asked for something else.
const uint8_t* cauchy_matrix(std::span<const uint8_t> xs, std::span<const uint8_t> ys, Workspace::Impl& space) {
    space.coefficients.resize(xs.size() * ys.size());
    uint8_t* const matrix = space.coefficients.data();
    for (size_t j = 0; j < xs.size(); ++j) {
        for (size_t i = 0; i < ys.size(); ++i) matrix[i * xs.size() + j] = kGf8Field.inverse(xs[j] ^ ys[i]);
    }
    return matrix;
}

// inverse[a * n + b] of the n x n matrix 1 / (x[a] + y[b]), in closed form, transposed: how much of row a is in y[b].
void invert_cauchy(std::span<const uint8_t> x, std::span<const uint8_t> y, uint8_t* inverse) {
    const auto& field = kGf8Field;
    constexpr unsigned kOrder = Gf8Field::kOrder;
    const size_t n = x.size();
    const auto log_of_sum = [&](uint8_t a, uint8_t b) { return field.log(a ^ b); };
    // Product over t of (at + others[t]) / (at + own[t]), without at itself, as a logarithm.
    const auto quotient = [&](uint8_t at, std::span<const uint8_t> others, std::span<const uint8_t> own) {
        unsigned log = 0;
        for (size_t t = 0; t < n; ++t) {
            log += log_of_sum(at, others[t]);
            if (own[t] != at) log += kOrder - log_of_sum(at, own[t]);
        }
        return log % kOrder;
    };
    std::array<unsigned, kPoints> column;
    for (size_t b = 0; b < n; ++b) column[b] = quotient(y[b], x, y);
    for (size_t a = 0; a < n; ++a) {
        const unsigned row = quotient(x[a], y, x);
        for (size_t b = 0; b < n; ++b) {
            inverse[a * n + b] = field.exp(row + column[b] + kOrder - log_of_sum(x[a], y[b]));
        }
    }
}

}  // namespace

// to[x] = add[x] + sum over y of from[y] / (x + y), for the rows x < rows and the columns rows <= y < end that are
// there; the others have nullptr.
struct CauchyCode::Sums {
    Sums(size_t row_count, size_t point_count) : rows(row_count), end(point_count) {
        std::fill_n(to.begin(), rows, nullptr);
        std::fill_n(from.begin(), end, nullptr);
    }
    size_t rows, end;
    std::array<const uint8_t*, kPoints> from;
    std::array<uint8_t*, kPoints> to;
    std::array<const uint8_t*, kPoints> add;
    bool adds = false;        // add[] counts
    uint8_t* sink = nullptr;  // takes the rows that are not there
};

void CauchyCode::compute(Sums& sums, size_t shard_bytes, Workspace::Impl& space) const {
    const Gf8Kernel& kernel = kernel_for(shard_bytes);
    const auto there = [](auto& pointers, size_t count) {
        return count - static_cast<size_t>(std::count(pointers.begin(), pointers.begin() + count, nullptr));
    };
    const Gf8Shards shards{sums.from.data(), sums.to.data(), sums.adds ? sums.add.data() : nullptr, shard_bytes};

    if (transform_is_cheaper(kernel, sums.rows, sums.end, there(sums.to, sums.rows) * there(sums.from, sums.end))) {
        if (space.zeros.size() < shard_bytes) space.zeros.resize(shard_bytes);
        const uint8_t* zeros = space.zeros.data();
        const auto end = sums.from.begin() + static_cast<ptrdiff_t>(sums.end);
        std::replace(sums.from.begin(), end, static_cast<const uint8_t*>(nullptr), zeros);
        const size_t size = std::bit_ceil(sums.rows);
        std::fill(end, sums.from.begin() + static_cast<ptrdiff_t>((sums.end + size - 1) / size * size), zeros);
        for (size_t x = 0; x < sums.rows; ++x) {
            if (sums.to[x]) continue;
            sums.to[x] = sums.sink;
            sums.add[x] = zeros;
        }
        return kernel.transform(shards, sums.rows, sums.end);
    }

    std::array<uint8_t, kPoints> xs, ys;
    size_t rows = 0, sources = 0;
    for (size_t x = 0; x < sums.rows; ++x) {
        if (!sums.to[x]) continue;
        xs[rows] = static_cast<uint8_t>(x);
        if (sums.adds) sums.add[rows] = sums.add[x];
        sums.to[rows++] = sums.to[x];
    }
    for (size_t y = 0; y < sums.end; ++y) {
        if (!sums.from[y]) continue;
        ys[sources] = static_cast<uint8_t>(y);
        sums.from[sources++] = sums.from[y];
    }
    kernel.multiply(shards, sources, rows, cauchy_matrix({xs.data(), rows}, {ys.data(), sources}, space));
}

Result<void> CauchyCode::encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity,
                                size_t shard_bytes, Workspace& workspace) const {
    if (parity.empty()) return {};
    if (auto ok = check(data.size(), parity.size(), shard_bytes); !ok) return ok;
    const size_t k = data.size(), m = parity.size();
    if (const Gf8Kernel& kernel = kernel_for(shard_bytes); !transform_is_cheaper(kernel, m, m + k, m * k)) {
        const std::span points(kAllPoints);
        kernel.multiply({data.data(), parity.data(), nullptr, shard_bytes}, k, m,
                        cauchy_matrix(points.first(m), points.subspan(m, k), workspace.impl()));
        return {};
    }
    Sums sums(m, m + k);
    std::ranges::copy(parity, sums.to.begin());
    std::ranges::copy(data, sums.from.begin() + static_cast<ptrdiff_t>(m));
    compute(sums, shard_bytes, workspace.impl());
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

    // As many parity rows as shards are lost, and what of each the shards that are here do not explain: the Cauchy
    // matrix of those rows times what is lost.
    std::array<uint8_t, kPoints> rows, columns;
    std::array<const uint8_t*, kPoints> unexplained;
    std::array<uint8_t*, kPoints> lost;
    Workspace::Impl& space = workspace.impl();
    uint8_t* scratch = space.scratch((missing + 1) * shard_bytes);
    size_t row = 0;
    for (size_t taken = 0; taken < missing; ++row) {
        if (parity[row]) rows[taken++] = static_cast<uint8_t>(row);
    }
    Sums sums(row, parity.size() + data.size());
    sums.adds = true;
    sums.sink = scratch + missing * shard_bytes;
    for (size_t i = 0; i < missing; ++i) {
        unexplained[i] = sums.to[rows[i]] = scratch + i * shard_bytes;
        sums.add[rows[i]] = parity[rows[i]];
    }
    for (size_t column = 0, i = 0; column < data.size(); ++column) {
        const size_t point = parity.size() + column;
        if (data_present[column]) {
            sums.from[point] = data[column];
        } else {
            columns[i] = static_cast<uint8_t>(point);
            lost[i++] = data[column];
        }
    }
    compute(sums, shard_bytes, space);

    space.coefficients.resize(missing * missing);
    invert_cauchy({rows.data(), missing}, {columns.data(), missing}, space.coefficients.data());
    kernel_for(shard_bytes)
        .multiply({unexplained.data(), lost.data(), nullptr, shard_bytes}, missing, missing, space.coefficients.data());
    return {};
}

}  // namespace punktfunk::fec
