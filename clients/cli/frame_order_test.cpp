#include "frame_order.hpp"

#include <gtest/gtest.h>

#include "punktfunk/session/packet_header.hpp"

namespace punktfunk::cli {

using namespace std::chrono_literals;

namespace {

constexpr SteadyClock::time_point kStart{};

client::ReceivedFrame frame(uint32_t index, bool keyframe = false) {
    client::ReceivedFrame made;
    made.frame_index = index;
    made.user_flags = keyframe ? session::kKeyframe : session::kDeltaFrame;
    return made;
}

std::vector<uint32_t> drain(FrameOrder& order, SteadyClock::time_point now) {
    std::vector<uint32_t> indices;
    while (auto next = order.pop(now)) indices.push_back(next->frame_index);
    return indices;
}

}  // namespace

TEST(FrameOrder, PassesFramesInTurnAtOnce) {
    FrameOrder order(16ms);
    for (uint32_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(order.push(frame(i, i == 0), kStart));
        EXPECT_EQ(drain(order, kStart), std::vector{i});
    }
    EXPECT_EQ(order.lost(), 0u);
}

TEST(FrameOrder, WaitsForAFrameThatWasOvertaken) {
    FrameOrder order(16ms);
    order.push(frame(5, true), kStart);
    EXPECT_EQ(drain(order, kStart), std::vector{5u});
    order.push(frame(7), kStart);
    EXPECT_TRUE(drain(order, kStart + 10ms).empty());
    EXPECT_EQ(order.deadline(), kStart + 16ms);
    order.push(frame(6), kStart + 12ms);
    EXPECT_EQ(drain(order, kStart + 12ms), (std::vector{6u, 7u}));
    EXPECT_EQ(order.lost(), 0u);
    EXPECT_FALSE(order.push(frame(6), kStart + 13ms)) << "a frame from before";
}

TEST(FrameOrder, GivesUpAndResumesAtAKeyframe) {
    FrameOrder order(16ms);
    order.push(frame(0, true), kStart);
    drain(order, kStart);
    order.push(frame(2), kStart);
    EXPECT_TRUE(drain(order, kStart + 16ms).empty());
    EXPECT_TRUE(order.awaiting_keyframe());
    EXPECT_EQ(order.lost(), 1u);
    order.push(frame(3), kStart + 17ms);
    EXPECT_TRUE(drain(order, kStart + 17ms).empty());
    EXPECT_EQ(order.undecodable(), 2u);
    order.push(frame(4, true), kStart + 18ms);
    EXPECT_EQ(drain(order, kStart + 18ms), std::vector{4u});
    EXPECT_FALSE(order.awaiting_keyframe());
}

TEST(FrameOrder, AKeyframeNeedsNothingBeforeIt) {
    FrameOrder order(16ms);
    order.push(frame(0xfffffffe, true), kStart);
    drain(order, kStart);
    order.push(frame(1, true), kStart);  // wraps: 0xffffffff and 0 are missing
    EXPECT_EQ(drain(order, kStart), std::vector{1u});
    EXPECT_EQ(order.lost(), 2u);
}

TEST(FrameOrder, HoldsABoundedNumber) {
    FrameOrder order(1h);
    order.push(frame(0, true), kStart);
    drain(order, kStart);
    for (uint32_t i = 2; i < 12; ++i) order.push(frame(i), kStart);
    EXPECT_TRUE(drain(order, kStart).empty());
    EXPECT_EQ(order.lost(), 1u);
    EXPECT_EQ(order.undecodable(), 10u);
}

}  // namespace punktfunk::cli
