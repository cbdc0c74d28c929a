// Every GF(2^8) kernel this machine can run, and the 256- and 512-bit GFNI ones in emulation, against plain arithmetic.
#include <algorithm>
#include <bit>
#include <optional>
#include <random>

#include "cauchy_code.hpp"
#include "gf8_field.hpp"
#include "gf8_vector_kernel.hpp"
#include "published_vectors.hpp"
#include "vector_gfni_emulated.hpp"

namespace punktfunk::fec {
namespace {

using Random = std::mt19937;

size_t between(Random& random, size_t least, size_t most) {
    return std::uniform_int_distribution<size_t>(least, most)(random);
}

// Shards at odd addresses, random, with a guard on both sides.
class GuardedShards {
  public:
    GuardedShards(size_t count, size_t bytes, Random& random)
        : bytes_(bytes), offset_(kGuard + between(random, 0, 63)) {
        for (size_t i = 0; i < count; ++i) {
            auto& store = stores_.emplace_back(offset_ + bytes + kGuard, kGuardByte);
            std::generate_n(store.begin() + static_cast<ptrdiff_t>(offset_), bytes, std::ref(random));
        }
    }
    std::span<uint8_t> operator[](size_t i) { return std::span(stores_[i]).subspan(offset_, bytes_); }
    std::vector<uint8_t*> pointers() {
        std::vector<uint8_t*> all;
        for (auto& store : stores_) all.push_back(store.data() + offset_);
        return all;
    }
    std::vector<const uint8_t*> readable() {
        const auto all = pointers();
        return {all.begin(), all.end()};
    }
    [[nodiscard]] bool guards_intact() const {
        return std::ranges::all_of(stores_, [&](const auto& store) {
            const auto first = store.begin() + static_cast<ptrdiff_t>(offset_);
            const auto is_guard = [](uint8_t byte) { return byte == kGuardByte; };
            return std::all_of(store.begin(), first, is_guard) &&
                   std::all_of(first + static_cast<ptrdiff_t>(bytes_), store.end(), is_guard);
        });
    }
    bool operator==(const GuardedShards& other) const { return stores_ == other.stores_; }

  private:
    static constexpr size_t kGuard = 128;
    static constexpr uint8_t kGuardByte = 0xA5;
    size_t bytes_, offset_;
    std::vector<std::vector<uint8_t>> stores_;
};

constexpr bool always() {
    return true;
}

// The structure of the GFNI kernels; the kinds only name them.
constexpr Gf8Kernel kEmulated256 =
    make_gf8_kernel<EmulatedGfni<32>, 6, 2, 3>("emulated_256", Kernel::Avx2Gfni, always, {1.0, 2.0, 4});
constexpr Gf8Kernel kEmulated512 =
    make_gf8_kernel<EmulatedGfni<64>, 12, 6, 4>("emulated_512", Kernel::Avx512Gfni, always, {1.0, 2.0, 8});

std::vector<const Gf8Kernel*> kernels() {
    std::vector<const Gf8Kernel*> all{&kEmulated256, &kEmulated512};
    std::ranges::copy_if(gf8_kernels(), std::back_inserter(all),
                         [](const auto* kernel) { return kernel->supported(); });
    return all;
}

std::vector<const Gf8Kernel*> kernels_with_transform() {
    auto some = kernels();
    std::erase_if(some, [](const auto* kernel) { return kernel->transform == nullptr; });
    return some;
}

std::string name_of(const testing::TestParamInfo<const Gf8Kernel*>& test) {
    std::string name(test.param->name);
    std::ranges::replace(name, '+', '_');
    return name;
}

class Gf8Multiply : public testing::TestWithParam<const Gf8Kernel*> {};
INSTANTIATE_TEST_SUITE_P(Kernels, Gf8Multiply, testing::ValuesIn(kernels()), name_of);

class Gf8TransformOf : public testing::TestWithParam<const Gf8Kernel*> {};
INSTANTIATE_TEST_SUITE_P(Kernels, Gf8TransformOf, testing::ValuesIn(kernels_with_transform()), name_of);

TEST_P(Gf8Multiply, IsTheSumOfProducts) {
    Random random(1);
    for (int round = 0; round < 200; ++round) {
        const size_t count = between(random, 1, 30), rows = between(random, 1, 40);
        const size_t bytes = std::max<size_t>(1, GetParam()->minimum_bytes) + between(random, 0, 600);
        SCOPED_TRACE(fmt::format("{} sources, {} rows of {} bytes", count, rows, bytes));
        GuardedShards from(count, bytes, random), to(rows, bytes, random), add(rows, bytes, random);
        const GuardedShards from_before = from, add_before = add;
        std::vector<uint8_t> coefficients(count * rows);
        std::ranges::generate(coefficients, std::ref(random));
        const auto sources = from.readable(), starts = add.readable();
        const auto targets = to.pointers();
        const bool adds = round % 2 == 0;
        GetParam()->multiply({sources.data(), targets.data(), adds ? starts.data() : nullptr, bytes}, count, rows,
                             coefficients.data());
        for (size_t row = 0; row < rows; ++row) {
            for (size_t at = 0; at < bytes; ++at) {
                uint8_t sum = adds ? add[row][at] : uint8_t{0};
                for (size_t i = 0; i < count; ++i) {
                    sum ^= kGf8Field.multiply(coefficients[i * rows + row], from[i][at]);
                }
                ASSERT_EQ(to[row][at], sum) << "row " << row << " byte " << at;
            }
        }
        ASSERT_TRUE(from == from_before && add == add_before && to.guards_intact());
    }
}

TEST_P(Gf8TransformOf, RangesIsTheCauchyMatrix) {
    Random random(2);
    for (size_t round = 0; round < 120; ++round) {
        const size_t rows = round < 70 ? round + 2 : between(random, 72, 255);
        const size_t end = round % 4 == 0 ? 256 : between(random, rows + 1, 256);
        const size_t bytes = GetParam()->minimum_bytes + between(random, 0, 600);
        SCOPED_TRACE(fmt::format("rows to {}, columns to {}, {} bytes", rows, end, bytes));
        GuardedShards from(end - rows, bytes, random), add(rows, bytes, random);
        GuardedShards to(rows, bytes, random), expected(rows, bytes, random);
        const GuardedShards from_before = from, add_before = add;
        const bool adds = round % 3 == 0;

        const std::vector<uint8_t> zeros(bytes);
        std::vector<const uint8_t*> points(256, zeros.data()), sources = from.readable();
        std::ranges::copy(sources, points.begin() + static_cast<ptrdiff_t>(rows));
        const auto starts = add.readable();
        const auto targets = to.pointers(), wanted = expected.pointers();
        const uint8_t* const* start = adds ? starts.data() : nullptr;
        GetParam()->transform({points.data(), targets.data(), start, bytes}, rows, end);

        std::vector<uint8_t> matrix;
        for (size_t y = rows; y < end; ++y) {
            for (size_t x = 0; x < rows; ++x) matrix.push_back(kGf8Field.inverse(static_cast<uint8_t>(x ^ y)));
        }
        kGf8Scalar.multiply({sources.data(), wanted.data(), start, bytes}, end - rows, rows, matrix.data());
        for (size_t x = 0; x < rows; ++x) ASSERT_TRUE(std::ranges::equal(to[x], expected[x])) << "row " << x;
        ASSERT_TRUE(from == from_before && add == add_before && to.guards_intact());
    }
}

// A code whose encoder always, or never, takes the transform.
enum class Way { Measured, Matrix, Transform };

class Gf8Code : public testing::TestWithParam<std::tuple<const Gf8Kernel*, Way>> {
  protected:
    Gf8Code() : kernel_(*std::get<0>(GetParam())) {
        if (std::get<1>(GetParam()) == Way::Matrix) kernel_.transform = nullptr;
        if (std::get<1>(GetParam()) == Way::Transform) kernel_.butterfly_cost = {};
    }
    Gf8Kernel kernel_;
    const CauchyCode code_{kernel_}, plain_{kGf8Scalar};
    Workspace workspace_;  // reused, as a session does
};
INSTANTIATE_TEST_SUITE_P(Kernels, Gf8Code,
                         testing::Combine(testing::ValuesIn(kernels()),
                                          testing::Values(Way::Measured, Way::Matrix, Way::Transform)));

TEST_P(Gf8Code, PublishedParity) {
    check_parity_group(vectors()["gf8_parity"]["cases"], code_);
}

TEST_P(Gf8Code, NanorsExample) {
    // k=4, m=2: rows [142,244,71,167], [244,142,167,71]
    Shards shards(4, 2, 2);
    for (size_t i = 0; i < 4; ++i) shards.data(i)[0] = shards.data(i)[1] = static_cast<uint8_t>(10 * (i + 1));
    ASSERT_TRUE(shards.encode(code_, workspace_));
    EXPECT_EQ(to_hex(shards.all_parity()), "88880000");
    for (size_t column = 0; column < 4; ++column) {
        Shards unit(4, 2, 256);
        unit.data(column)[0] = 1;
        ASSERT_TRUE(unit.encode(code_, workspace_));
        EXPECT_EQ(unit.parity(0)[0], (std::array{142, 244, 71, 167}[column]));
        EXPECT_EQ(unit.parity(1)[0], (std::array{244, 142, 167, 71}[column]));
    }
}

// Shards that end where their memory does: AddressSanitizer sees what is read beyond them.
TEST_P(Gf8Code, NothingIsReadBeyondAShard) {
    for (const size_t bytes : {64, 130, 256, 320, 450, 512, 1408}) {
        for (const auto& [k, m] : {std::pair<size_t, size_t>{10, 2}, {20, 4}, {30, 7}, {40, 16}, {60, 40}}) {
            std::vector<std::unique_ptr<uint8_t[]>> memory;
            std::vector<uint8_t*> data, parity;
            for (size_t i = 0; i < k + m; ++i) {
                memory.push_back(std::make_unique<uint8_t[]>(bytes));
                std::fill_n(memory.back().get(), bytes, static_cast<uint8_t>(i));
                (i < k ? data : parity).push_back(memory.back().get());
            }
            ASSERT_TRUE(code_.encode(std::vector<const uint8_t*>(data.begin(), data.end()), parity, bytes, workspace_));
            std::vector<uint8_t> present(k, 1);
            present[1] = 0;
            std::fill_n(data[1], bytes, uint8_t{0});
            ASSERT_TRUE(code_.reconstruct(data, present, std::vector<const uint8_t*>(parity.begin(), parity.end()),
                                          bytes, workspace_));
            ASSERT_EQ(std::count(data[1], data[1] + bytes, uint8_t{1}), static_cast<ptrdiff_t>(bytes));
        }
    }
}

TEST_P(Gf8Code, AnyLossUpToTheParityIsRestored) {
    Random random(3);
    for (int round = 0; round < 150; ++round) {
        const size_t total = between(random, 2, round % 10 == 0 ? 255 : 60);
        const size_t m = between(random, 1, std::min(total - 1, total / 2 + 1)), k = total - m;
        const size_t bytes = 2 * between(random, 1, 160);
        SCOPED_TRACE(fmt::format("k={} m={} bytes={}", k, m, bytes));
        GuardedShards data(k, bytes, random), parity(m, bytes, random), expected(m, bytes, random);
        const GuardedShards original = data;
        const auto sources = data.readable();
        ASSERT_TRUE(code_.encode(sources, parity.pointers(), bytes, workspace_));
        ASSERT_TRUE(plain_.encode(sources, expected.pointers(), bytes, workspace_));
        for (size_t j = 0; j < m; ++j) ASSERT_TRUE(std::ranges::equal(parity[j], expected[j])) << "parity " << j;
        ASSERT_TRUE(data == original && parity.guards_intact());

        // `lost` of all shards are lost; one time in eight, one more than can be.
        const size_t lost = round % 8 == 0 ? m + 1 : between(random, 1, m);
        std::vector<size_t> order(total);
        for (size_t i = 0; i < total; ++i) order[i] = i;
        std::ranges::shuffle(order, random);
        if (round % 8 == 0) {  // at least one data shard among them: that is what cannot be had
            std::iter_swap(order.begin(), std::ranges::find(order, size_t{0}));
        }
        std::vector<uint8_t> present(k, 1);
        auto arrived = parity.readable();
        for (size_t i = 0; i < lost; ++i) {
            if (order[i] < k) {
                present[order[i]] = 0;
                std::ranges::fill(data[order[i]], uint8_t{0xEE});
            } else {
                arrived[order[i] - k] = nullptr;
            }
        }
        const GuardedShards data_before = data, parity_before = parity;
        const auto restored = code_.reconstruct(data.pointers(), present, arrived, bytes, workspace_);
        ASSERT_TRUE(parity == parity_before);
        if (lost <= m) {
            ASSERT_TRUE(restored && data == original);
        } else {
            ASSERT_EQ(restored.error().code, ErrorCode::Exhausted);
            ASSERT_TRUE(data == data_before);
        }
    }
}

TEST_P(Gf8Code, EveryLossPatternOfASmallFrame) {
    constexpr size_t k = 5, m = 3, bytes = 130;
    Random random(4);
    GuardedShards data(k, bytes, random), parity(m, bytes, random);
    const GuardedShards original = data;
    ASSERT_TRUE(code_.encode(data.readable(), parity.pointers(), bytes, workspace_));
    for (unsigned pattern = 0; pattern < 1u << (k + m); ++pattern) {
        data = original;
        std::vector<uint8_t> present(k, 1);
        auto arrived = parity.readable();
        for (size_t i = 0; i < k + m; ++i) {
            if ((pattern >> i & 1) == 0) continue;
            if (i < k) {
                present[i] = 0;
                std::ranges::fill(data[i], uint8_t{0xEE});
            } else {
                arrived[i - k] = nullptr;
            }
        }
        const bool enough = std::popcount(pattern) <= static_cast<int>(m) || (pattern & ((1u << k) - 1)) == 0;
        const auto restored = code_.reconstruct(data.pointers(), present, arrived, bytes, workspace_);
        ASSERT_EQ(restored.has_value(), enough) << pattern;
        ASSERT_TRUE(!enough || data == original) << pattern;
    }
}

TEST(Gf8Shapes, WhatIsNoneIsRefused) {
    const CauchyCode code(select_gf8_kernel(Kernel::Best));
    Workspace workspace;
    Random random(5);
    GuardedShards data(250, 64, random), parity(6, 64, random);
    const auto all = data.readable();
    const auto refusal = [&](size_t k, size_t m, size_t bytes) {
        const auto to = parity.pointers();
        const auto result = code.encode(std::span(all).first(k), std::span(to).first(m), bytes, workspace);
        return result ? std::optional<ErrorCode>() : result.error().code;
    };
    EXPECT_EQ(refusal(249, 6, 64), std::nullopt);
    EXPECT_EQ(refusal(250, 6, 64), ErrorCode::Unsupported);
    EXPECT_EQ(refusal(0, 6, 64), ErrorCode::InvalidArgument);
    EXPECT_EQ(refusal(4, 2, 0), ErrorCode::InvalidArgument);
    EXPECT_EQ(refusal(4, 2, 63), ErrorCode::InvalidArgument);
    EXPECT_EQ(refusal(4, 0, 63), std::nullopt);
}

TEST(Gf8Shapes, AKernelTheCpuLacksIsTheScalarOne) {
    EXPECT_EQ(gf8_kernels().back(), &kGf8Scalar);
    for (const Kernel kind :
         {Kernel::Scalar, Kernel::Ssse3, Kernel::Avx2, Kernel::Avx2Gfni, Kernel::Avx512Gfni, Kernel::Neon}) {
        const Gf8Kernel& kernel = select_gf8_kernel(kind);
        EXPECT_TRUE(kernel.supported());
        EXPECT_TRUE(kernel.kind == kind || kernel.kind == Kernel::Scalar);
    }
}

}  // namespace
}  // namespace punktfunk::fec
