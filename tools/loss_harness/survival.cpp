#include "survival.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::loss_harness {

namespace {

using Row = std::array<double, 2>;  // by state: good, bad
using Matrix = std::array<Row, 2>;  // [state of the first packet][state of the packet behind the last]
constexpr Matrix kIdentity{{{1, 0}, {0, 1}}};

Row operator*(const Row& row, const Matrix& m) {
    return {row[0] * m[0][0] + row[1] * m[1][0], row[0] * m[0][1] + row[1] * m[1][1]};
}
Matrix operator*(const Matrix& a, const Matrix& b) {
    return {a[0] * b, a[1] * b};
}

Matrix step(const impair::LossChain& chain) {
    return {{{1 - chain.good_to_bad, chain.good_to_bad}, {chain.bad_to_good, 1 - chain.bad_to_good}}};
}

// One row of a block's matrix: started in `state`, it ends in each state with no more losses than it can bear.
Row cross(const impair::LossChain& chain, const Block& block, size_t state) {
    const Matrix next = step(chain);
    std::vector<double> good(block.parity + 1), bad(block.parity + 1);  // by losses so far
    (state == 0 ? good : bad)[0] = 1;
    const size_t packets = block.data + block.parity;
    for (size_t i = 0; i < packets; ++i) {
        for (size_t losses = std::min(i + 1, block.parity) + 1; losses-- > 0;) {
            const double arrived = good[losses];
            const double lost = losses > 0 ? bad[losses - 1] : 0;  // a packet that meets the bad state
            good[losses] = arrived * next[0][0] + lost * next[1][0];
            bad[losses] = arrived * next[0][1] + lost * next[1][1];
        }
    }
    Row ends{};
    for (size_t losses = 0; losses <= block.parity; ++losses) {
        ends[0] += good[losses];
        ends[1] += bad[losses];
    }
    return ends;
}

}  // namespace

std::vector<Block> split(size_t data_packets, size_t per_block, unsigned fec_percent) {
    std::vector<Block> blocks;
    for (size_t left = data_packets; left > 0; left -= blocks.back().data) {
        const size_t data = std::min(left, per_block);
        blocks.push_back({data, fec::recovery_count(data, fec_percent)});
    }
    return blocks;
}

Expectation expect(const impair::LossChain& chain, const std::vector<Block>& blocks, size_t frames) {
    Matrix survive = kIdentity, pass = kIdentity;
    for (const Block& block : blocks) {
        survive = survive * Matrix{cross(chain, block, 0), cross(chain, block, 1)};
        for (size_t p = 0; p < block.data + block.parity; ++p) pass = pass * step(chain);
    }
    const Row start{1 - chain.loss, chain.loss};
    Row alive = start * survive;
    const double p = alive[0] + alive[1];

    // Variance of a sum of dependent trials: n p (1 - p) + 2 sum over distances d of (n - d) cov(d).
    const auto n = static_cast<double>(frames);
    double variance = n * p * (1 - p);
    for (size_t distance = 1; distance < frames; ++distance, alive = alive * pass) {
        const Row both = alive * survive;
        const double covariance = both[0] + both[1] - p * p;
        if (std::abs(covariance) < 1e-13) break;
        variance += 2 * (n - static_cast<double>(distance)) * covariance;
    }
    return {p, std::sqrt(std::max(variance, 0.0))};
}

}  // namespace punktfunk::loss_harness
