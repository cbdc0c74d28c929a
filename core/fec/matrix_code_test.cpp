// A code of a given matrix against the Cauchy code, whose matrix is one of those that can be given.
#include <algorithm>
#include <random>

#include "gf8_field.hpp"
#include "published_vectors.hpp"

namespace punktfunk::fec {
namespace {

std::vector<uint8_t> cauchy_rows(size_t k, size_t m) {
    std::vector<uint8_t> rows;
    for (size_t j = 0; j < m; ++j) {
        for (size_t i = 0; i < k; ++i) rows.push_back(kGf8Field.inverse(static_cast<uint8_t>((m + i) ^ j)));
    }
    return rows;
}

TEST(MatrixCode, IsTheCauchyCodeWithItsMatrix) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        const size_t k = 1 + random() % 12, m = 1 + random() % 6, bytes = 2 * (1 + random() % 800);
        SCOPED_TRACE(fmt::format("k={} m={} bytes={}", k, m, bytes));
        const auto given = matrix_code(cauchy_rows(k, m), k), cauchy = erasure_code(Scheme::Gf8);
        Workspace workspace;
        Shards ours(k, m, bytes, random() % 64), theirs(k, m, bytes);
        ours.fill(random());
        std::ranges::copy(ours.all_data(), theirs.all_data().begin());
        ASSERT_TRUE(ours.encode(*given, workspace));
        ASSERT_TRUE(theirs.encode(*cauchy, workspace));
        ASSERT_TRUE(std::ranges::equal(ours.all_parity(), theirs.all_parity()));

        std::vector<bool> lost(k + m);
        std::fill_n(lost.begin(), random() % (m + 1), true);
        std::shuffle(lost.begin(), lost.end(), random);
        ASSERT_TRUE(ours.reconstruct(*given, lost, workspace));
        EXPECT_TRUE(std::ranges::equal(ours.all_data(), theirs.all_data()));
    }
}

TEST(MatrixCode, SaysWhatItCannotDo) {
    // Two rows that say the same: either restores one shard, both together no second one.
    const std::vector<uint8_t> rows{1, 2, 1, 2};
    const auto code = matrix_code(rows, 2);
    Workspace workspace;
    Shards shards(2, 2, 7);
    shards.fill(1);
    ASSERT_TRUE(shards.encode(*code, workspace));
    EXPECT_TRUE(shards.reconstruct(*code, {true, false, true, false}, workspace));
    EXPECT_EQ(shards.reconstruct(*code, {true, true, false, false}, workspace).error().code, ErrorCode::Exhausted);
    EXPECT_EQ(shards.reconstruct(*code, {true, true, true, false}, workspace).error().code, ErrorCode::Exhausted);
    Shards another(3, 2, 8);
    EXPECT_EQ(another.encode(*code, workspace).error().code, ErrorCode::Unsupported);
    Shards empty(2, 2, 0);
    EXPECT_EQ(empty.encode(*code, workspace).error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace punktfunk::fec
