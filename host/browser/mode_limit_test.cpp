#include "mode_limit.hpp"

#include <gtest/gtest.h>

namespace punktfunk::browser {
namespace {

using display::Mode;

TEST(ModeLimit, WhatIsWithinItStaysAsItIs) {
    for (const Mode mode : {Mode{1280, 720, 60},
                            {1920, 1080, 240},
                            {3840, 2160, 60},
                            {64, 64, 240},
                            {8192, 64, 60},
                            {4096, 2304, 56},
                            {1082, 2402, 120}})
        EXPECT_EQ(within_limit(mode), mode) << mode.width << "x" << mode.height;
}

TEST(ModeLimit, WhatIsTooLargeKeepsItsShape) {
    EXPECT_EQ(within_limit({8192, 8192, 240}), (Mode{3072, 3072, 56}));
    EXPECT_EQ(within_limit({7680, 4320, 60}), (Mode{4096, 2304, 56}));
    EXPECT_EQ(within_limit({3840, 2160, 240}), (Mode{3840, 2160, 64}));
}

TEST(ModeLimit, NothingIsBeyondLevel52) {
    for (uint32_t width = 64; width <= 8192; width += 62) {
        for (uint32_t height = 64; height <= 8192; height += 62) {
            const Mode mode = within_limit({width, height, 240});
            const uint32_t blocks = (mode.width + 15) / 16 * ((mode.height + 15) / 16);
            ASSERT_LE(blocks, 36'864u) << width << "x" << height;
            ASSERT_LE(blocks * mode.refresh_hz, 2'073'600u) << width << "x" << height;
            ASSERT_TRUE(mode.width % 2 == 0 && mode.height % 2 == 0 && mode.width >= 64 && mode.height >= 64);
            ASSERT_GE(mode.refresh_hz, 56u);
            const double was = double(width) / height, is = double(mode.width) / mode.height;
            ASSERT_NEAR(is / was, 1, 0.03) << width << "x" << height;
        }
    }
}

}  // namespace
}  // namespace punktfunk::browser
