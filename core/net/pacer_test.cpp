#include "punktfunk/net/pacer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace punktfunk::net {

using namespace std::chrono_literals;

TEST(Pacer, BurstThenEvenGroups) {
    const SteadyClock::time_point start{};
    FramePacer pacer({.burst_bytes = 10'000, .group_packets = 16}, 100, 1000, start, start + 10ms);
    FramePacer::Run run;
    ASSERT_TRUE(pacer.next(start, run));
    EXPECT_EQ(run.count, 26u) << "the burst and the group that follows it at once";
    EXPECT_EQ(run.send_at, start);
    size_t sent = run.count;
    for (int group = 1; pacer.next(run.send_at, run); ++group) {
        EXPECT_EQ(run.first, sent);
        EXPECT_EQ(run.count, std::min<size_t>(16, 100 - sent));
        EXPECT_EQ(run.send_at, start + 1500us * group);
        sent += run.count;
    }
    EXPECT_EQ(sent, 100u);
}

TEST(Pacer, WhatIsDueSoonLeavesInOnePiece) {
    const SteadyClock::time_point start{};
    // 250 groups over 9 ms: one each 36 us, so 13 more within half a millisecond.
    FramePacer pacer({}, 89 + 4000, 1480, start, start + 10ms);
    FramePacer::Run run;
    ASSERT_TRUE(pacer.next(start, run));
    EXPECT_EQ(run.count, 89u + 14 * 16);
    ASSERT_TRUE(pacer.next(start, run));
    EXPECT_EQ(run.send_at, start + 504us);
    EXPECT_EQ(run.count, 14u * 16);
    ASSERT_TRUE(pacer.next(start + 5ms, run)) << "the caller overslept";
    EXPECT_EQ(run.send_at, start + 5ms);
    EXPECT_EQ(run.first + run.count, 89u + 153 * 16);
}

TEST(Pacer, ALateFrameIsNotPaced) {
    const SteadyClock::time_point now{};
    FramePacer late({}, 5000, 1472, now, now - 1ms);
    FramePacer::Run run;
    ASSERT_TRUE(late.next(now, run));
    EXPECT_EQ(run.count, 5000u);
    EXPECT_FALSE(late.next(now, run));
}

TEST(Pacer, EveryPacketOnceAndInTime) {
    rc::check("any frame", [](uint32_t packets, uint16_t bytes, uint16_t burst, uint16_t group, int32_t budget_us) {
        packets %= 20'000;
        const SteadyClock::time_point start{};
        const auto deadline = start + std::chrono::microseconds(budget_us % 1'000'000);
        FramePacer pacer({.burst_bytes = burst, .group_packets = group}, packets, bytes, start, deadline);
        FramePacer::Run run;
        size_t sent = 0;
        for (auto now = start; pacer.next(now, run); now = run.send_at) {
            RC_ASSERT(run.first == sent && run.count > 0);
            RC_ASSERT(run.send_at >= now && (run.send_at == start || run.send_at < deadline));
            sent += run.count;
        }
        RC_ASSERT(sent == packets);
    });
}

}  // namespace punktfunk::net
