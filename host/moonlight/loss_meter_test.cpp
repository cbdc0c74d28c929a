#include "loss_meter.hpp"

#include <gtest/gtest.h>

namespace punktfunk::moonlight {

TEST(LossMeter, ABlockThatIsReportedTwiceCountsOnce) {
    LossMeter meter;
    meter.on(gs_control::FrameFecStatus{.frame = 5, .missing_before_highest = 2});
    meter.on(gs_control::FrameFecStatus{.frame = 5, .missing_before_highest = 3});
    meter.on(gs_control::FrameFecStatus{.frame = 5, .missing_before_highest = 3});
    meter.on(gs_control::FrameFecStatus{.frame = 5, .missing_before_highest = 4, .block = 1});
    EXPECT_EQ(meter.take().packets, 7u);
    EXPECT_EQ(meter.take().packets, 0u);
}

TEST(LossMeter, WhatParityBroughtBackCountsWhereThereWasEnoughOfIt) {
    LossMeter meter;
    gs_control::FrameFecStatus status{
        .frame = 5, .total_data = 10, .total_parity = 2, .received_data = 8, .received_parity = 1};
    meter.on(status);
    EXPECT_EQ(meter.take().recovered, 0u) << "one packet too few";
    status.received_parity = 2;
    meter.on(status);
    meter.on(status);
    EXPECT_EQ(meter.take().recovered, 2u) << "a block once";
    status.frame = 6;
    status.received_data = 10;
    meter.on(status);
    EXPECT_EQ(meter.take().recovered, 0u) << "nothing was missing";
    status.frame = 7;
    status.received_data = 9;
    meter.on(status);
    EXPECT_EQ(meter.take().recovered, 1u);
}

TEST(LossMeter, ARangeThatGrowsIsOnePictureMoreEachTime) {
    LossMeter meter;
    meter.on(gs_control::InvalidateFrames{20, 20});
    meter.on(gs_control::InvalidateFrames{20, 20});
    meter.on(gs_control::InvalidateFrames{20, 21});
    EXPECT_EQ(meter.take().pictures, 2u);
}

TEST(LossMeter, TheSessionsFirstRequestIsNoLoss) {
    LossMeter meter;
    meter.on(gs_control::RequestIdr{});
    EXPECT_EQ(meter.take().pictures, 0u);
    meter.on(gs_control::RequestIdr{});
    EXPECT_EQ(meter.take().pictures, 1u);
}

}  // namespace punktfunk::moonlight
