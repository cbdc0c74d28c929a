#include "experiment.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "plot.hpp"
#include "report.hpp"

namespace punktfunk::loss_harness {

using namespace std::chrono_literals;

namespace {

constexpr uint64_t kSeed = 2;

Cell small_cell() {
    return {.frame_packets = 40, .per_block = 16, .fec_percent = 25, .link = {.loss = 0.1}, .frames = 400};
}

}  // namespace

TEST(Experiment, SurvivalInProcessIsWhatTheorySays) {
    for (const auto scheme : {fec::Scheme::Gf8, fec::Scheme::Gf16}) {
        for (const size_t per_block : {8u, 16u, 40u}) {
            for (const auto& [loss, burst] : {std::pair{0.12, 0.0}, {0.2, 0.0}, {0.05, 3.0}, {0.15, 6.0}}) {
                Cell cell = small_cell();
                cell.scheme = scheme;
                cell.per_block = per_block;
                cell.link.loss = loss;
                cell.link.burst = burst;
                const auto outcome = run(cell, kSeed).value();
                EXPECT_LT(std::abs(outcome.deviation(cell.frames)), 4) << loss << " " << burst << " " << per_block;
                EXPECT_EQ(outcome.corrupt, 0u);
                EXPECT_GT(outcome.survived, 0u);
                EXPECT_LT(outcome.survived, cell.frames) << "or nothing was tried";
            }
        }
    }
}

TEST(Experiment, WithoutLossEveryFrameComes) {
    Cell cell = small_cell();
    cell.link = {.jitter = 30ms, .reorder = 0.5, .duplicate = 0.5};
    cell.fec_percent = 0;
    EXPECT_EQ(run(cell, kSeed).value().survived, cell.frames);
}

TEST(Experiment, ACodeThatBoreOneLossLessWouldBeSeen) {
    // The check above has teeth: this is by how much it would fail.
    const Cell cell = small_cell();
    auto outcome = run(cell, kSeed).value();
    outcome.expected = expect(impair::LossChain::of(0.1, 0), {{16, 3}, {16, 3}, {8, 1}}, cell.frames);
    EXPECT_GT(outcome.deviation(cell.frames), 10);
}

TEST(Experiment, TheSameLossesCostTheSameFramesWhateverElseHappens) {
    const Cell plain = small_cell();
    const uint64_t survived = run(plain, kSeed)->survived;
    Cell cell = plain;
    cell.scheme = fec::Scheme::Gf8;
    EXPECT_EQ(run(cell, kSeed)->survived, survived) << "the other code";
    cell = plain;
    cell.link.reorder = 0.3;
    cell.link.jitter = 20ms;
    cell.link.duplicate = 0.2;
    EXPECT_EQ(run(cell, kSeed)->survived, survived) << "another order";
}

TEST(Experiment, ARealRelayCostsTheSameFrames) {
    Cell cell = small_cell();
    cell.frames = 100;
    cell.link = {.loss = 0.1, .burst = 2, .reorder = 0.1, .reorder_delay = 200us, .duplicate = 0.1};
    const auto in_process = run(cell, kSeed).value();
    cell.transport = Transport::Udp;
    const auto over_udp = run(cell, kSeed);
    ASSERT_TRUE(over_udp) << over_udp.error().message;
    EXPECT_EQ(over_udp->survived, in_process.survived);
    EXPECT_EQ(over_udp->packets, in_process.packets);
    EXPECT_EQ(over_udp->lost, in_process.lost);
    EXPECT_EQ(over_udp->corrupt, 0u);
    EXPECT_GT(over_udp->recovered_shards, 0u);
}

TEST(Experiment, WhatNoCodeCanDoIsRefused) {
    Cell cell = small_cell();
    cell.scheme = fec::Scheme::Gf8;
    cell.per_block = 250;
    EXPECT_FALSE(possible(cell));
    EXPECT_EQ(run(cell, kSeed).error().code, ErrorCode::InvalidArgument);
}

TEST(Studies, AGridIsEveryCombinationThatIsPossible) {
    Grid grid;
    grid[Axis::Loss] = {1, 2, 3};
    grid[Axis::PerBlock] = {16, 250};
    EXPECT_EQ(grid.cells().size(), 6u + 3u) << "GF(2^8) cannot do blocks of 250";
    const Study study = own_study(grid);
    EXPECT_EQ(study.x, Axis::Loss);
    EXPECT_EQ(study.curve_of(study.cells[0]), "blocks of 16");
}

TEST(Studies, TheStandardSweepCoversEveryAxis) {
    const auto studies = standard_studies(true, true);
    for (const Axis axis :
         {Axis::Loss, Axis::Burst, Axis::FecPercent, Axis::PerBlock, Axis::Reorder, Axis::Jitter, Axis::Duplicate}) {
        std::set<double> values;
        for (const Study& study : studies) {
            for (const Cell& cell : study.cells) values.insert(value_of(cell, axis));
        }
        EXPECT_GE(values.size(), 3u) << axis_label(axis);
    }
}

TEST(Report, TheSameSeedGivesTheSameBytes) {
    Grid grid{.frames = 40};
    grid[Axis::FramePackets] = {20};
    grid[Axis::PerBlock] = {10, 20};
    grid[Axis::Loss] = {5, 15};
    const auto make = [&](uint64_t seed) {
        std::vector<StudyResult> results{{own_study(grid), {}}};
        for (const Cell& cell : results[0].study.cells) results[0].outcomes.push_back(run(cell, seed).value());
        return csv(results) + json(results, seed) + plot(results, seed) + table(results[0]);
    };
    const std::string once = make(1);
    EXPECT_EQ(once, make(1));
    EXPECT_NE(once, make(2));
}

TEST(Report, TheVerdictSeesWhatIsWrong) {
    Grid grid{.schemes = {fec::Scheme::Gf8, fec::Scheme::Gf16}, .frames = 100};
    StudyResult result{own_study(grid), {2, Outcome{.survived = 50, .expected = {0.5, 5}}}};
    ASSERT_EQ(result.study.cells.size(), 2u);
    EXPECT_TRUE(judge({result}).good());
    EXPECT_EQ(judge({result}).repeats, 1u);
    auto wrong = result;
    wrong.outcomes[1].survived = 51;
    EXPECT_EQ(judge({wrong}).repeats_differ, 1u);
    wrong = result;
    wrong.outcomes[0].corrupt = 1;
    EXPECT_FALSE(judge({wrong}).good());
    wrong = result;
    wrong.outcomes[0].survived = wrong.outcomes[1].survived = 10;
    EXPECT_EQ(judge({wrong}).outside, 2u);
}

}  // namespace punktfunk::loss_harness
