#include "speed_ramp.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace punktfunk::cli {

namespace {

// Bursts over a link that carries `path` and loses `loss` besides.
SpeedRamp over(uint32_t path, double loss = 0) {
    SpeedRamp test;
    while (const auto asked = test.next_kbps()) {
        const double through = std::min<double>(*asked, path) * (1 - loss);
        test.add({*asked, *asked, static_cast<uint32_t>(through), 1 - through / *asked});
    }
    return test;
}

}  // namespace

TEST(SpeedRamp, FindsThePathAndRecommendsLess) {
    for (const uint32_t path : {3'000u, 50'000u, 100'000u, 1'000'000u}) {
        const SpeedRamp test = over(path);
        EXPECT_TRUE(test.filled());
        EXPECT_EQ(test.path_kbps(), path);
        EXPECT_NEAR(test.recommended_kbps(), path * 0.8 / 1.28, 2);
        EXPECT_LT(test.bursts().back().asked_kbps, path) << "the last one fits";
        EXPECT_LE(test.bursts().size() * SpeedRamp::kBurstMs, 8000u) << "a host gives ten seconds a minute";
    }
}

TEST(SpeedRamp, EndsWhereNothingFillsThePath) {
    const SpeedRamp test = over(UINT32_MAX);
    EXPECT_FALSE(test.filled());
    EXPECT_EQ(test.path_kbps(), SpeedRamp::kMostKbps);
    EXPECT_LE(test.bursts().size() * SpeedRamp::kBurstMs, 8000u);
}

TEST(SpeedRamp, APathThatLosesMuchGetsALowRecommendation) {
    const SpeedRamp test = over(100'000, 0.1);
    EXPECT_LT(test.recommended_kbps(), 10'000u);
    EXPECT_EQ(over(0).recommended_kbps(), 0u);
}

}  // namespace punktfunk::cli
