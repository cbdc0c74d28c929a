#include "frame_clock.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace punktfunk::display {
namespace {

// What wlroots makes of the text: millihertz, rounded; then milliseconds, cut off.
int clock_of(const std::string& text) {
    unsigned width = 0, height = 0;
    float hz = 0;
    EXPECT_EQ(std::sscanf(text.c_str(), "%ux%u@%fHz", &width, &height, &hz), 3) << text;
    return 1'000'000 / static_cast<int>(hz * 1000 + 0.5F);
}

TEST(FrameClock, LeavesRoomForTheWorkOnAPicture) {
    EXPECT_EQ(clock_of(headless_mode({1280, 720, 60})), 15);
    EXPECT_EQ(clock_of(headless_mode({1280, 720, 120})), 7);
    EXPECT_EQ(clock_of(headless_mode({1280, 720, 240})), 3);
    EXPECT_EQ(clock_of(headless_mode({1920, 1080, 60})), 14);
    EXPECT_EQ(clock_of(headless_mode({640, 360, 30})), 32);
    EXPECT_EQ(clock_of(headless_mode({3840, 2160, 60})), 8);
    EXPECT_EQ(clock_of(headless_mode({3840, 2160, 240})), 1) << "never 0";
}

TEST(FrameClock, IsTheSameMillisecondOnceReadBack) {
    for (uint32_t hz = 1; hz <= 480; ++hz) {
        const int clock = clock_of(headless_mode({320, 240, hz}));
        EXPECT_LE(clock, std::max(1000 / static_cast<int>(hz), 1)) << hz;
        EXPECT_GE(clock, std::max(1000 / static_cast<int>(hz) - 1, 1)) << hz;
    }
}

}  // namespace
}  // namespace punktfunk::display
