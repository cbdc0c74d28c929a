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
