// How much filler clients get.
#include "probe_budget.hpp"

#include <gtest/gtest.h>

namespace punktfunk::native {

using namespace std::chrono_literals;

namespace {
constexpr SteadyClock::time_point kStart{1h};
}  // namespace

TEST(ProbeBudget, TenSecondsAMinuteForEachClient) {
    ProbeBudget budget;
    const wire::ProbeRequest second{100'000, 1000};
    int granted = 0;
    for (int i = 0; i < 100; ++i) granted += budget.grant("a", second, kStart).duration_ms > 0;
    EXPECT_EQ(granted, 10);
    EXPECT_EQ(budget.grant("b", second, kStart), second);
    EXPECT_EQ(budget.grant("a", second, kStart + 5s).duration_ms, 0u);
    EXPECT_EQ(budget.grant("a", second, kStart + 6s), second);
    EXPECT_EQ(budget.grant("a", second, kStart + 6s).duration_ms, 0u);
}

TEST(ProbeBudget, BoundsWhatIsAskedFor) {
    ProbeBudget budget;
    EXPECT_EQ(budget.grant("a", {UINT32_MAX, UINT32_MAX}, kStart), (wire::ProbeRequest{10'000'000, 5000}));
    EXPECT_EQ(budget.grant("b", {0, 100}, kStart).duration_ms, 0u);
    EXPECT_EQ(budget.grant("b", {100, 0}, kStart).duration_ms, 0u);
    for (int i = 0; i < 2000; ++i) (void)budget.grant(std::to_string(i), {1000, 1000}, kStart);
    EXPECT_EQ(budget.grant("newcomer", {1000, 1000}, kStart).duration_ms, 0u) << "there is an end to accounts";
    EXPECT_EQ(budget.grant("newcomer", {1000, 1000}, kStart + 7s).duration_ms, 1000u);
}

}  // namespace punktfunk::native
