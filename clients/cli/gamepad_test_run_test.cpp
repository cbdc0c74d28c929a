#include "gamepad_test_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace punktfunk::cli {

namespace {

const wire::InputEvent& input(const GamepadStep& step) {
    return std::get<wire::InputEvent>(step);
}

}  // namespace

TEST(GamepadSteps, TheSeedsEventsReleaseWhatTheyPress) {
    uint32_t pressed = 0, ever = 0;
    std::array<int32_t, 6> axes{};
    for (const auto& step : gamepad_steps(wire::Gamepad::Xbox360, false)) {
        const auto& event = input(step);
        if (event.kind == wire::InputKind::GamepadButton) {
            pressed = event.x != 0 ? pressed | event.code : pressed & ~event.code;
            ever |= event.code;
        } else {
            ASSERT_EQ(event.kind, wire::InputKind::GamepadAxis);
            axes.at(event.code) = event.x;
        }
    }
    EXPECT_EQ(pressed, 0u);
    EXPECT_EQ(ever, 0xf7ffu) << "every button of spec 6 but the touchpad's";
    EXPECT_EQ(axes, (std::array<int32_t, 6>{}));
}

TEST(GamepadSteps, LaterOnesAreWholeStatesAfterAnArrival) {
    const auto steps = gamepad_steps(wire::Gamepad::DualSense, true);
    EXPECT_EQ(wire::gamepad_arrival(input(steps.front())).type, 2u);
    uint32_t ever = 0;
    bool touched = false, turned = false;
    for (const auto& step : std::span(steps).subspan(1)) {
        if (const auto* rich = std::get_if<wire::RichInput>(&step)) {
            touched |= std::holds_alternative<wire::Touchpad>(*rich);
            turned |= std::holds_alternative<wire::Motion>(*rich);
        } else {
            ASSERT_EQ(input(step).kind, wire::InputKind::GamepadState);
            ever |= input(step).code;
        }
    }
    EXPECT_EQ(ever, 0x10f7ffu);
    EXPECT_TRUE(touched && turned);
    EXPECT_EQ(steps.back(), GamepadStep{wire::RichInput{wire::Motion{}}});
}

}  // namespace punktfunk::cli
