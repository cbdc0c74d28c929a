// Leopard's code with every kernel this machine can run, and the 128-, 256- and 512-bit ones in emulation, against the
// specification's formulas in plain arithmetic.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <random>

#include "gf16_passes.hpp"
#include "leopard_code.hpp"
#include "published_vectors.hpp"
#include "vector_gfni_emulated.hpp"

namespace punktfunk::fec {
namespace {

using Random = std::mt19937;
using Symbols = std::vector<uint16_t>;

size_t between(Random& random, size_t least, size_t most) {
    return std::uniform_int_distribution<size_t>(least, most)(random);
}

// Spec §4.9.3 and §4.9.4 for one symbol position.
void butterflies(const Gf16Field& field, Symbols& a, size_t position, bool inverse) {
    for (size_t step = 1; step < a.size(); step *= 2) {
        const size_t d = inverse ? step : a.size() / 2 / step;
        for (size_t r = 0; r < a.size(); r += 2 * d) {
            const auto twiddle = static_cast<uint16_t>((r + position) / d);
            for (size_t i = r; i < r + d; ++i) {
                if (inverse) a[i + d] ^= a[i];
                a[i] ^= field.multiply(a[i + d], twiddle);
                if (!inverse) a[i + d] ^= a[i];
            }
        }
    }
}

Symbols encode_plainly(const Gf16Field& field, const Symbols& data, size_t m) {
    const size_t k = data.size();
    const bool high_rate = std::bit_ceil(k) >= std::bit_ceil(m);
    const size_t chunk = std::bit_ceil(high_rate ? m : k);
    Symbols sum(chunk), parity;
    for (size_t first = 0; first < k; first += chunk) {
        Symbols work(data.begin() + static_cast<ptrdiff_t>(first),
                     data.begin() + static_cast<ptrdiff_t>(std::min(k, first + chunk)));
        work.resize(chunk);
        butterflies(field, work, high_rate ? first + chunk : 0, true);
        for (size_t i = 0; i < chunk; ++i) sum[i] ^= work[i];
    }
    for (size_t first = 0; first < m; first += chunk) {
        Symbols work = sum;
        butterflies(field, work, high_rate ? 0 : first + chunk, false);
        parity.insert(parity.end(), work.begin(), work.end());
    }
    parity.resize(m);
    return parity;
}

// Random shards with gaps between them, at any address.
class Block {
  public:
    Block(size_t k, size_t m, size_t bytes, Random& random)
        : k_(k), m_(m), bytes_(bytes), pitch_(bytes + between(random, 0, 70)), bytes_before_(between(random, 1, 70)) {
        storage.resize(bytes_before_ + (k + m) * pitch_ + 70);
        std::ranges::generate(storage, std::ref(random));
    }
    uint8_t* shard(size_t i) { return storage.data() + bytes_before_ + i * pitch_; }
    // Spec §4.9.2
    uint16_t symbol(size_t i, size_t index) {
        const size_t chunk = index / 32 * 64, half = std::min<size_t>(64, bytes_ - chunk) / 2;
        const uint8_t* low = shard(i) + chunk + index % 32;
        return static_cast<uint16_t>(low[0] | low[half] << 8);
    }
    Result<void> encode(const ErasureCode& code, Workspace& workspace) {
        std::vector<const uint8_t*> from;
        std::vector<uint8_t*> to;
        for (size_t i = 0; i < k_; ++i) from.push_back(shard(i));
        for (size_t j = 0; j < m_; ++j) to.push_back(shard(k_ + j));
        return code.encode(from, to, bytes_, workspace);
    }
    Result<void> reconstruct(const ErasureCode& code, const std::vector<bool>& lost, Workspace& workspace) {
        std::vector<uint8_t*> data;
        std::vector<uint8_t> present;
        std::vector<const uint8_t*> parity;
        for (size_t i = 0; i < k_; ++i) {
            if (lost[i]) std::fill_n(shard(i), bytes_, uint8_t{0xEE});
            data.push_back(shard(i));
            present.push_back(!lost[i]);
        }
        for (size_t j = 0; j < m_; ++j) parity.push_back(lost[k_ + j] ? nullptr : shard(k_ + j));
        return code.reconstruct(data, present, parity, bytes_, workspace);
    }
    std::vector<uint8_t> storage;

  private:
    size_t k_, m_, bytes_, pitch_, bytes_before_;
};

// What a session has (spec §4.5), and some of everything else.
std::pair<size_t, size_t> random_shape(Random& random, size_t most) {
    const size_t k = between(random, 1, most);
    switch (between(random, 0, 3)) {
        case 0:
            return {k, recovery_count(k, 20)};
        case 1:
            return {k, between(random, 1, std::min<size_t>(k, 5))};
        case 2:
            return {k, between(random, 1, k)};
        default:
            return {k, between(random, 1, most)};
    }
}

std::vector<bool> lose(size_t k, size_t m, size_t data_lost, size_t parity_lost, Random& random) {
    std::vector<bool> lost(k + m);
    std::fill_n(lost.begin(), data_lost, true);
    std::fill_n(lost.begin() + static_cast<ptrdiff_t>(k), parity_lost, true);
    std::shuffle(lost.begin(), lost.begin() + static_cast<ptrdiff_t>(k), random);
    std::shuffle(lost.begin() + static_cast<ptrdiff_t>(k), lost.end(), random);
    return lost;
}

// The structure of the kernels that this machine may lack; the kinds only name them.
constexpr Gf16Kernel kEmulated128 =
    Gf16Passes<EmulatedGfni<16>>::kernel<2, 3, 4>("emulated_128", Kernel::Neon, [] { return true; });
constexpr Gf16Kernel kEmulated256 =
    Gf16Passes<EmulatedGfni<32>>::kernel<2, 3, 4>("emulated_256", Kernel::Avx2Gfni, [] { return true; });
constexpr Gf16Kernel kEmulated512 =
    Gf16Passes<EmulatedGfni<64>>::kernel<3, 4, 8>("emulated_512", Kernel::Avx512Gfni, [] { return true; });

std::vector<const Gf16Kernel*> kernels() {
    std::vector<const Gf16Kernel*> all{&kEmulated128, &kEmulated256, &kEmulated512};
    for (const Gf16Kernel* kernel : gf16_kernels()) {
        if (kernel->supported()) all.push_back(kernel);
    }
    return all;
}

class Leopard : public testing::TestWithParam<const Gf16Kernel*> {
  protected:
    // Encodes, loses, recovers.
    void expect_recovery(size_t k, size_t m, size_t bytes, size_t data_lost, size_t parity_lost) {
        SCOPED_TRACE(fmt::format("{}+{} shards of {} bytes, {}+{} lost", k, m, bytes, data_lost, parity_lost));
        Block block(k, m, bytes, random);
        ASSERT_TRUE(block.encode(code, workspace));
        const std::vector<uint8_t> encoded = block.storage;
        const auto lost = lose(k, m, data_lost, parity_lost, random);
        const auto recovered = block.reconstruct(code, lost, workspace);
        if (data_lost + parity_lost <= m) {
            ASSERT_TRUE(recovered) << recovered.error().message;
            ASSERT_TRUE(block.storage == encoded);  // gaps and everything else included
        } else {
            ASSERT_FALSE(recovered);
            ASSERT_EQ(recovered.error().code, ErrorCode::Exhausted);
        }
    }
    const LeopardCode code{*GetParam()};
    Workspace workspace;  // one for all shapes of a test, as a session has it
    Random random{1};
};

INSTANTIATE_TEST_SUITE_P(Kernels, Leopard, testing::ValuesIn(kernels()), [](const auto& test) {
    std::string name(test.param->name);
    std::ranges::replace(name, '+', '_');
    return name;
});

TEST_P(Leopard, EncodesThePublishedVectors) {
    check_parity_group(vectors()["gf16_parity"]["cases"], code);
}

TEST_P(Leopard, EncodesByTheFormulas) {
    const Gf16Field field;
    for (size_t round = 0; round < 150; ++round) {
        const auto [k, m] = random_shape(random, round % 10 == 0 ? 1200 : 90);
        const size_t bytes = 2 * between(random, 1, 200);
        SCOPED_TRACE(fmt::format("{}+{} shards of {} bytes", k, m, bytes));
        Block block(k, m, bytes, random);
        std::vector<uint8_t> before = block.storage;
        ASSERT_TRUE(block.encode(code, workspace));
        for (const size_t at : {size_t{0}, bytes / 2 - 1, between(random, 0, bytes / 2 - 1)}) {
            Symbols data;
            for (size_t i = 0; i < k; ++i) data.push_back(block.symbol(i, at));
            const Symbols parity = encode_plainly(field, data, m);
            for (size_t j = 0; j < m; ++j)
                ASSERT_EQ(block.symbol(k + j, at), parity[j]) << "shard " << j << " at " << at;
        }
        // Nothing but the parity was written.
        for (size_t j = 0; j < m; ++j) {
            std::copy_n(block.shard(k + j), bytes, before.data() + (block.shard(k + j) - block.storage.data()));
        }
        ASSERT_TRUE(block.storage == before);
    }
}

TEST_P(Leopard, RecoversWhateverIsLost) {
    for (size_t round = 0; round < 300; ++round) {
        const auto [k, m] = random_shape(random, round % 10 == 0 ? 700 : 80);
        const size_t data_lost = between(random, 1, std::min(k, round % 2 == 0 ? m : std::min<size_t>(m, 4)));
        const size_t parity_lost = between(random, 0, m - data_lost);
        expect_recovery(k, m, 2 * between(random, 1, 150), data_lost, parity_lost);
    }
}

// Each of the ways to recover, in every size of the field that kernels tell apart, at its edges.
TEST_P(Leopard, RecoversLargeBlocks) {
    expect_recovery(200, 40, 1408, 1, 0);
    expect_recovery(200, 40, 1408, 20, 20);
    expect_recovery(200, 40, 1452, 40, 0);
    expect_recovery(745, 149, 1452, 1, 148);
    expect_recovery(1000, 200, 190, 20, 100);
    expect_recovery(1000, 200, 130, 200, 0);
    expect_recovery(4000, 800, 64, 30, 5);
    expect_recovery(4000, 800, 66, 800, 0);
    expect_recovery(300, 300, 64, 300, 0);
    expect_recovery(20, 900, 64, 20, 880);
    expect_recovery(600, 1100, 64, 600, 0);
}

TEST_P(Leopard, RefusesWhenTooMuchIsLost) {
    for (const size_t m : {1, 2, 3, 40}) {
        expect_recovery(50, m, 64, m, 1);
        expect_recovery(50, m, 64, m + 1, 0);
        expect_recovery(50, m, 64, 1, m);
    }
}

TEST(LeopardShapes, Limits) {
    const LeopardCode code(kGf16Scalar);
    Workspace workspace;
    const auto encode = [&](size_t k, size_t m) {
        std::vector<uint8_t> byte(2);
        std::vector<const uint8_t*> data(k, byte.data());
        std::vector<uint8_t*> parity(m, byte.data());
        return code.encode(data, parity, 2, workspace);
    };
    EXPECT_TRUE(encode(65535, 1));
    EXPECT_TRUE(encode(1, 65535));
    EXPECT_TRUE(encode(65536 - 64, 64));
    EXPECT_EQ(encode(65536 - 64, 65).error().code, ErrorCode::Unsupported);
    EXPECT_EQ(encode(65536, 1).error().code, ErrorCode::Unsupported);
    EXPECT_EQ(encode(0, 1).error().code, ErrorCode::InvalidArgument);
    EXPECT_TRUE(encode(3, 0));
}

TEST(ErrorLocator, SumsLogarithmsOfDifferences) {
    const Gf16Field field;
    const ErrorLocator locator(field);
    Random random(1);
    for (size_t size_log2 = 0; size_log2 <= 16; ++size_log2) {
        const size_t size = size_t{1} << size_log2;
        std::vector<int32_t> weights(size);
        for (int32_t& weight : weights) weight = static_cast<int32_t>(between(random, 0, 2)) - 1;
        std::vector<int32_t> sums = weights;
        locator.locate(sums);
        for (size_t round = 0; round < 20; ++round) {
            const size_t position = between(random, 0, size - 1);
            int64_t expected = 0;
            for (size_t q = 0; q < size; ++q) expected += int64_t{weights[q]} * field.log(position ^ q);
            ASSERT_EQ((expected - sums[position]) % Gf16Field::kModulus, 0) << "size " << size;
            ASSERT_LT(static_cast<uint32_t>(sums[position]), Gf16Field::kModulus);
        }
    }
}

// What the towers rest on: the first 256 elements are a field, and a symbol's two bytes turn there and back.
TEST(Gf16Tower, ProductsByByteAreProductsInTheField) {
    const Gf16Field field;
    const Gf16Tower tower(field);
    Random random(1);
    for (size_t round = 0; round < 2000; ++round) {
        const auto a = static_cast<uint16_t>(random()), b = static_cast<uint16_t>(random());
        const auto times = [&](size_t x, size_t y) {
            return field.multiply(static_cast<uint16_t>(x), static_cast<uint16_t>(y));
        };
        const size_t x = tower.tower(a), y = tower.tower(b), xl = x & 255, xh = x >> 8, yl = y & 255, yh = y >> 8;
        const size_t low = times(xl, yl) ^ times(times(xh, yh), Gf16Tower::kNorm);
        const size_t high = times(xl, yh) ^ times(xh, yl) ^ times(xh, yh);
        ASSERT_LT(low | high, 256u);
        ASSERT_EQ(tower.tower(field.multiply(a, b)), low | high << 8);
    }
}

}  // namespace
}  // namespace punktfunk::fec
