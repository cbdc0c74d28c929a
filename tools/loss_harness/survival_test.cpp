#include "survival.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "punktfunk/impair/random.hpp"

namespace punktfunk::loss_harness {

namespace {

using impair::LossChain;

// P(X <= most) of `count` independent trials, from the formula.
double binomial_tail(size_t count, size_t most, double p) {
    double sum = 0;
    const auto n = static_cast<double>(count);
    for (size_t i = 0; i <= most; ++i) {
        const auto k = static_cast<double>(i);
        sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(p) +
                        (n - k) * std::log1p(-p));
    }
    return sum;
}

// Every pattern of losses of a frame, weighed by its probability.
double by_enumeration(const LossChain& chain, const std::vector<Block>& blocks) {
    size_t packets = 0;
    for (const Block& block : blocks) packets += block.data + block.parity;
    double survival = 0;
    for (uint32_t pattern = 0; pattern < (1u << packets); ++pattern) {
        double probability = 1;
        for (size_t i = 0; i < packets; ++i) {
            const bool bad = (pattern >> i & 1) != 0;
            const bool was_bad = i > 0 && (pattern >> (i - 1) & 1) != 0;
            const double to_bad = i == 0 ? chain.loss : was_bad ? 1 - chain.bad_to_good : chain.good_to_bad;
            probability *= bad ? to_bad : 1 - to_bad;
        }
        size_t at = 0;
        bool alive = true;
        for (const Block& block : blocks) {
            const size_t length = block.data + block.parity;
            const uint32_t losses = pattern >> at & ((1u << length) - 1);
            alive = alive && static_cast<size_t>(__builtin_popcount(losses)) <= block.parity;
            at += length;
        }
        if (alive) survival += probability;
    }
    return survival;
}

}  // namespace

TEST(Survival, FramesAreSplitAsThePacketizerDoes) {
    const auto blocks = split(450, 200, 20);
    ASSERT_EQ(blocks.size(), 3u);
    EXPECT_EQ(blocks[0].data, 200u);
    EXPECT_EQ(blocks[0].parity, 40u);
    EXPECT_EQ(blocks[2].data, 50u);
    EXPECT_EQ(blocks[2].parity, 10u);
    EXPECT_EQ(split(1, 200, 1)[0].parity, 1u) << "rounded up";
    EXPECT_EQ(split(10, 200, 0)[0].parity, 0u);
}

TEST(Survival, IndependentLossesAreTheProductOfBinomialTails) {
    for (const double loss : {0.001, 0.05, 0.15, 0.5}) {
        for (const size_t per_block : {16u, 48u, 192u, 1024u}) {
            const auto blocks = split(1024, per_block, 20);
            double product = 1;
            for (const Block& block : blocks) product *= binomial_tail(block.data + block.parity, block.parity, loss);
            EXPECT_NEAR(expect(LossChain::of(loss, 0), blocks, 1).survival, product, 1e-9) << loss << " " << per_block;
        }
    }
}

TEST(Survival, IndependentFramesSpreadBinomially) {
    const auto blocks = split(48, 16, 20);
    const auto expected = expect(LossChain::of(0.08, 0), blocks, 1000);
    EXPECT_NEAR(expected.frames_sd, std::sqrt(1000 * expected.survival * (1 - expected.survival)), 1e-6);
}

TEST(Survival, BurstsAgreeWithTheSumOverAllPatterns) {
    const std::vector<Block> blocks{{4, 2}, {4, 2}, {2, 1}};
    for (const double loss : {0.02, 0.1, 0.4}) {
        for (const double burst : {0.0, 1.0, 2.5, 6.0}) {
            const LossChain chain = LossChain::of(loss, burst);
            EXPECT_NEAR(expect(chain, blocks, 1).survival, by_enumeration(chain, blocks), 1e-12)
                << loss << " " << burst;
        }
    }
}

TEST(Survival, TheSpreadOfBurstyFramesIsWhatRunsShow) {
    // Frames of two packets without parity under bursts of 30: neighbours share their fate.
    const LossChain chain = LossChain::of(0.2, 30);
    constexpr size_t kFrames = 200, kRuns = 4000;
    const auto expected = expect(chain, split(2, 2, 0), kFrames);
    EXPECT_GT(expected.frames_sd, 2 * std::sqrt(kFrames * expected.survival * (1 - expected.survival)));
    impair::Random random(1);
    double sum = 0, squares = 0;
    for (size_t run = 0; run < kRuns; ++run) {
        bool bad = random.chance(chain.loss);
        double survived = 0;
        for (size_t frame = 0; frame < kFrames; ++frame) {
            bool alive = true;
            for (int packet = 0; packet < 2; ++packet) {
                alive = alive && !bad;
                bad = random.chance(bad ? 1 - chain.bad_to_good : chain.good_to_bad);
            }
            survived += alive;
        }
        sum += survived;
        squares += survived * survived;
    }
    const double mean = sum / kRuns, sd = std::sqrt(squares / kRuns - mean * mean);
    EXPECT_NEAR(mean, expected.survival * kFrames, 4 * expected.frames_sd / std::sqrt(kRuns));
    EXPECT_NEAR(sd, expected.frames_sd, 0.06 * expected.frames_sd);
}

TEST(Survival, TheEndsOfTheScale) {
    const auto blocks = split(20, 10, 20);
    EXPECT_EQ(expect(LossChain::of(0, 0), blocks, 10).survival, 1);
    EXPECT_EQ(expect(LossChain::of(0, 0), blocks, 10).frames_sd, 0);
    EXPECT_EQ(expect(LossChain::of(1, 0), blocks, 10).survival, 0);
}

}  // namespace punktfunk::loss_harness
