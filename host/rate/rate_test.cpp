// What a client's reports do: parity, pace and rate.
#include <gtest/gtest.h>

#include "punktfunk/rate/loss_backoff.hpp"
#include "punktfunk/rate/send_policy.hpp"

namespace punktfunk::rate {

using namespace std::chrono_literals;

namespace {
constexpr SteadyClock::time_point kStart{1h};
constexpr auto kReport = 750ms;
}  // namespace

TEST(FecController, RisesAtOnceAndFallsSlowly) {
    FecController fec(10);
    EXPECT_EQ(fec.percent(), 10);
    auto now = kStart;
    fec.loss_reported(50'000, now);
    EXPECT_EQ(fec.percent(), 16) << "two and a half times 5 %, and a little";
    for (int i = 0; i < 6; ++i) fec.loss_reported(0, now += kReport);
    EXPECT_EQ(fec.percent(), 16) << "losses come back";
    for (int i = 0; i < 5; ++i) fec.loss_reported(0, now += kReport);
    EXPECT_LT(fec.percent(), 16);
    EXPECT_GT(fec.percent(), 10) << "a percent a report";
    fec.loss_reported(100'000, now);
    EXPECT_EQ(fec.percent(), 28);
}

TEST(FecController, StaysWithinItsBoundsWhateverIsSaid) {
    FecController fec(20);
    auto now = kStart;
    for (const uint32_t ppm : {UINT32_MAX, 1'000'000u, 4'000'000'000u}) {
        fec.loss_reported(ppm, now);
        EXPECT_EQ(fec.percent(), FecController::kMost);
    }
    for (int i = 0; i < 1000; ++i) fec.loss_reported(0, now += kReport);
    EXPECT_EQ(fec.percent(), FecController::kLeast);
    FecController none(0);
    none.loss_reported(0, now);
    EXPECT_EQ(none.percent(), 1);
}

TEST(FecController, AFloodOfReportsDoesNotMakeItFallFaster) {
    FecController fec(30);
    for (int i = 0; i < 10'000; ++i) fec.loss_reported(0, kStart + i * 100us);
    EXPECT_GE(fec.percent(), 28);
}

TEST(PaceController, NeverSlowerThanTheStreamAndItsParityNeed) {
    PaceController pace;
    pace.stream_is(60'000, 20);
    const double needed = 60e6 / 8 * 1.2 * 1500 / 1408;
    EXPECT_NEAR(static_cast<double>(pace.bytes_per_second(kStart)), needed * 1.25, 10);
    EXPECT_LT(pace.bytes_per_second(kStart), 100e6 / 8) << "60 Mbit/s fit through 100";
    pace.path_reported(1000);
    EXPECT_NEAR(static_cast<double>(pace.bytes_per_second(kStart)), needed * 1.25, 10);
    pace.path_reported(1'000'000);
    EXPECT_EQ(pace.bytes_per_second(kStart), 112'500'000u);
}

TEST(PaceController, LossTakesBackWhatWasGainedForLongerEachTime) {
    PaceController pace;
    pace.stream_is(10'000, 20);
    const auto least = pace.bytes_per_second(kStart);
    pace.path_reported(1'000'000);
    const auto most = pace.bytes_per_second(kStart);
    auto now = kStart;
    pace.loss_reported(400, now);
    EXPECT_EQ(pace.bytes_per_second(now), most) << "too little to be our doing";
    pace.loss_reported(20'000, now);
    EXPECT_EQ(pace.bytes_per_second(now + 4s), least);
    EXPECT_EQ(pace.bytes_per_second(now + 6s), most);
    pace.loss_reported(20'000, now += 6s);
    EXPECT_EQ(pace.bytes_per_second(now + 19s), least);
    EXPECT_EQ(pace.bytes_per_second(now + 21s), most);
}

TEST(PaceController, GrowsWithReportsWithoutLossWhenTheClientMeasuresNothing) {
    PaceController pace;
    pace.stream_is(10'000, 20);
    const auto least = pace.bytes_per_second(kStart);
    auto now = kStart;
    for (int i = 0; i < 4; ++i) pace.loss_reported(0, now += kReport);
    EXPECT_NEAR(static_cast<double>(pace.bytes_per_second(now)) / static_cast<double>(least), 1.5 * 1.5 * 1.5 * 1.5,
                0.01);
    pace.loss_reported(10'000, now += kReport);
    EXPECT_EQ(pace.bytes_per_second(now), least);
}

TEST(SendPolicy, MoreParityIsTakenFromThePicture) {
    auto controls = std::make_shared<SendControls>();
    std::vector<uint32_t> rates;
    SendPolicy policy(30'000, FecController(20), controls, [&](uint32_t kbps) { rates.push_back(kbps); });
    EXPECT_EQ(controls->fec_percent, 20);
    const uint64_t pace = controls->pace_bytes_per_second;
    EXPECT_GT(pace, 0u);
    policy.loss_reported(200'000, kStart);
    EXPECT_EQ(controls->fec_percent, 50);
    EXPECT_EQ(rates, std::vector<uint32_t>{24'000}) << "24 with half of it on top are 30 with a fifth";
    EXPECT_NEAR(static_cast<double>(controls->pace_bytes_per_second), static_cast<double>(pace), 100);
    auto now = kStart;
    for (int i = 0; i < 200; ++i) policy.loss_reported(0, now += kReport);
    EXPECT_EQ(controls->fec_percent, 1);
    EXPECT_EQ(rates.back(), 30'000u) << "but never more than was asked for";
    policy.set_bitrate(5000, now);
    EXPECT_EQ(rates.back(), 5000u);
}

TEST(FecController, HasAFloor) {
    FecController fec(20, 10);
    auto now = kStart;
    for (int i = 0; i < 100; ++i) fec.loss_reported(0, now += kReport);
    EXPECT_EQ(fec.percent(), 10);
}

TEST(LossBackoff, ALossThatGoesAwayWithTheRateLetsItGrowAgain) {
    LossBackoff backoff(20'000);
    auto now = kStart;
    EXPECT_EQ(backoff.observe(0, 0, now), std::nullopt);
    EXPECT_EQ(backoff.observe(80'000, 0, now += 1s), 14'000u);
    EXPECT_EQ(backoff.observe(80'000, 0, now += 1s), std::nullopt) << "that is of before";
    for (int i = 0; i < 60; ++i) (void)backoff.observe(0, 0, now += 1s);
    EXPECT_EQ(backoff.rate_kbps(), 20'000u);
}

TEST(LossBackoff, ALossThatStaysIsNotTheStreams) {
    LossBackoff backoff(20'000);
    auto now = kStart;
    for (int i = 0; i < 100; ++i) (void)backoff.observe(100'000, 0, now += 1s);
    EXPECT_GE(backoff.rate_kbps(), 14'000u);
    EXPECT_EQ(backoff.observe(300'000, 0, now += 10s).has_value(), true) << "but more of it may be";
    EXPECT_LT(backoff.rate_kbps(), 20'000u);
}

TEST(LossBackoff, LostPicturesCountWithoutReports) {
    LossBackoff backoff(20'000);
    EXPECT_EQ(backoff.observe(0, 1, kStart), std::nullopt);
    EXPECT_EQ(backoff.observe(0, 2, kStart + 1s), 14'000u);
}

TEST(LossBackoff, HasAFloorWhateverIsSaid) {
    LossBackoff backoff(20'000);
    auto now = kStart;
    for (uint32_t i = 0; i < 1000; ++i) (void)backoff.observe(UINT32_MAX - i, UINT32_MAX, now += 3s);
    EXPECT_GE(backoff.rate_kbps(), 1000u);
    LossBackoff tiny(100);
    (void)tiny.observe(500'000, 0, kStart);
    EXPECT_EQ(tiny.rate_kbps(), 100u);
}

}  // namespace punktfunk::rate
