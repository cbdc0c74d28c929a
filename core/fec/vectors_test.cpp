// The codes against the published vectors: bytes are law.
#include "gf16_field.hpp"
#include "published_vectors.hpp"

namespace punktfunk::fec {
namespace {

std::string hex16(uint16_t value) {
    return fmt::format("0x{:04x}", value);
}

std::string digest_of(const std::vector<uint16_t>& table) {
    return sha256({reinterpret_cast<const uint8_t*>(table.data()), table.size() * 2});
}

class Vectors : public testing::TestWithParam<Kernel> {};
INSTANTIATE_TEST_SUITE_P(Kernels, Vectors, testing::Values(Kernel::Scalar, Kernel::Best));

TEST_P(Vectors, Gf16Parity) {
    check_parity_group(vectors()["gf16_parity"]["cases"], *erasure_code(Scheme::Gf16, GetParam()));
}

TEST_P(Vectors, Gf16GeneratorSamples) {
    const auto code = erasure_code(Scheme::Gf16, GetParam());
    for (const auto& one : vectors()["gf16_generator_samples"]) {
        const size_t k = one["k"], m = one["m"];
        unsigned shard = 0;
        ASSERT_EQ(std::sscanf(one["only_nonzero"].get<std::string>().c_str(), "shard %u symbol 0 = 0x0001", &shard), 1);
        Shards shards(k, m, 64);
        shards.data(shard)[0] = 1;
        Workspace workspace;
        ASSERT_TRUE(shards.encode(*code, workspace));
        for (size_t j = 0; j < m; ++j) {
            const auto symbol = static_cast<uint16_t>(shards.parity(j)[0] | shards.parity(j)[32] << 8);
            EXPECT_EQ(hex16(symbol), one["parity_symbol0"][j].get<std::string>());
        }
    }
}

TEST(Gf16Field, Tables) {
    const auto& expected = vectors()["gf16_tables"];
    const Gf16Field field;
    std::vector<uint16_t> exp, log, skew;
    for (uint32_t i = 0; i < 65536; ++i) exp.push_back(field.exp(i));
    for (uint32_t i = 0; i < 65536; ++i) log.push_back(field.log(static_cast<uint16_t>(i)));
    // The specification's table of skews is what a transform multiplies with: in the layer of butterflies `half` apart,
    // at row r, entry r + half - 1 is the logarithm of the element r / half.
    skew.resize(65535);
    for (size_t half = 1; half < 65536; half *= 2) {
        for (size_t r = 0; r < 65536; r += 2 * half) skew[r + half - 1] = field.log(r / half);
    }
    for (size_t i = 0; i < 16; ++i) {
        EXPECT_EQ(hex16(exp[i]), expected["exp_0_16"][i].get<std::string>());
        EXPECT_EQ(log[i], expected["log_0_16"][i].get<uint16_t>());
        EXPECT_EQ(skew[i], expected["skew_0_16"][i].get<uint16_t>());
    }
    EXPECT_EQ(exp[65534], expected["exp_65534"].get<uint16_t>());
    EXPECT_EQ(exp[65535], expected["exp_65535"].get<uint16_t>());
    EXPECT_EQ(skew[32767], expected["skew_32767"].get<uint16_t>());
    EXPECT_EQ(skew[65534], expected["skew_65534"].get<uint16_t>());
    EXPECT_EQ(digest_of(exp), expected["sha256_exp_le16"].get<std::string>());
    EXPECT_EQ(digest_of(log), expected["sha256_log_le16"].get<std::string>());
    EXPECT_EQ(digest_of(skew), expected["sha256_skew_le16"].get<std::string>());
}

TEST(RecoveryCount, Table) {
    for (const auto& one : vectors()["recovery_count"]["table"]) {
        EXPECT_EQ(recovery_count(one["k"].get<size_t>(), one["pct"].get<unsigned>()), one["m"].get<size_t>());
    }
    EXPECT_EQ(recovery_count(0, 20), 0u);
}

}  // namespace
}  // namespace punktfunk::fec
