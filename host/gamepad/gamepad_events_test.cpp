#include "punktfunk/gamepad/gamepad_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace punktfunk::gamepad {

using testing::ElementsAre;
using testing::IsEmpty;
using Addressed = GamepadEvents::Addressed;
using enum wire::InputKind;

namespace {

wire::InputEvent button(uint32_t bits, bool down, uint32_t pad = 0) {
    return {.kind = GamepadButton, .code = bits, .x = down ? 1 : 0, .flags = pad};
}
wire::InputEvent axis(uint32_t id, int32_t value, uint32_t pad = 0) {
    return {.kind = GamepadAxis, .code = id, .x = value, .flags = pad};
}
wire::InputEvent state(uint8_t seq, uint32_t buttons, uint8_t pad = 0) {
    return to_event(wire::GamepadState{.pad = pad, .seq = seq, .buttons = buttons});
}
wire::InputEvent remove(uint8_t seq, uint8_t pad = 0) {
    return to_event(wire::GamepadRemove{pad, seq});
}
wire::InputEvent arrive(uint32_t type, uint8_t pad = 0) {
    return to_event(wire::GamepadArrival{pad, type, 0});
}

}  // namespace

class GamepadEventsTest : public testing::Test {
  protected:
    GamepadEvents events_{Kind::Xbox360};
};

TEST_F(GamepadEventsTest, TheFirstEventPlugsThePadIn) {
    EXPECT_THAT(events_.of(button(kA, true, 15)),
                ElementsAre(Addressed{15, Plug{Kind::Xbox360}}, Addressed{15, State{.buttons = kA}}));
    EXPECT_THAT(events_.of(axis(0, 5, 15)), ElementsAre(Addressed{15, State{.buttons = kA, .left_x = 5}}));
    EXPECT_THAT(events_.of(button(kB, false, 3)), ElementsAre(Addressed{3, Plug{Kind::Xbox360}}, Addressed{3, State{}}))
        << "a release is an event too";
    GamepadEvents dualsense(Kind::DualSense);
    EXPECT_EQ(dualsense.of(axis(4, 1)).front(), (Addressed{0, Plug{Kind::DualSense}}));
}

TEST_F(GamepadEventsTest, BitsOfOneEventGoTogether) {
    (void)events_.of(button(kA | kB | kDpadUp, true));
    EXPECT_THAT(events_.of(button(kB | kDpadUp | kY, false)), ElementsAre(Addressed{0, State{.buttons = kA}}));
}

TEST_F(GamepadEventsTest, AxesAreClamped) {
    (void)events_.of(button(0, true));
    EXPECT_THAT(events_.of(axis(1, -40000)), ElementsAre(Addressed{0, State{.left_y = -32768}}));
    EXPECT_THAT(events_.of(axis(1, 0)), ElementsAre(Addressed{0, State{}}));
    EXPECT_THAT(events_.of(axis(2, 40000)), ElementsAre(Addressed{0, State{.right_x = 32767}}));
    EXPECT_THAT(events_.of(axis(2, 0)), ElementsAre(Addressed{0, State{}}));
    EXPECT_THAT(events_.of(axis(3, -1)), ElementsAre(Addressed{0, State{.right_y = -1}}));
    EXPECT_THAT(events_.of(axis(3, 0)), ElementsAre(Addressed{0, State{}}));
    EXPECT_THAT(events_.of(axis(4, 256)), ElementsAre(Addressed{0, State{.left_trigger = 255}}));
    EXPECT_THAT(events_.of(axis(4, -1)), ElementsAre(Addressed{0, State{}}));
    EXPECT_THAT(events_.of(axis(5, 7)), ElementsAre(Addressed{0, State{.right_trigger = 7}}));
}

TEST_F(GamepadEventsTest, WhatCannotBeIsNothing) {
    EXPECT_THAT(events_.of(axis(6, 1)), IsEmpty()) << "an axis there is none of";
    EXPECT_THAT(events_.of(button(kA, true, 16)), IsEmpty());
    EXPECT_THAT(events_.of(button(kA, true, 0x10000)), IsEmpty()) << "the whole word is the index";
    EXPECT_THAT(events_.of(state(0, kA, 16)), IsEmpty());
    EXPECT_THAT(events_.of(remove(0, 255)), IsEmpty());
    EXPECT_THAT(events_.of(arrive(2, 16)), IsEmpty());
    EXPECT_THAT(events_.of(wire::InputEvent{.kind = KeyDown, .code = 0x41}), IsEmpty());
    EXPECT_THAT(events_.of(wire::RichInput{wire::Motion{.pad = 200}}), IsEmpty());
}

TEST_F(GamepadEventsTest, TouchAndMotionNeedAPad) {
    const wire::RichInput touch = wire::Touchpad{0, 7, true, 1, 2};
    const wire::RichInput motion = wire::Motion{0, {1, 2, 3}, {4, 5, 6}};
    EXPECT_THAT(events_.of(touch), IsEmpty());
    EXPECT_THAT(events_.of(motion), IsEmpty());
    (void)events_.of(button(0, false));
    EXPECT_THAT(events_.of(touch), ElementsAre(Addressed{0, Touch{1, true, 1, 2}}));
    EXPECT_THAT(events_.of(motion), ElementsAre(Addressed{0, Motion{{1, 2, 3}, {4, 5, 6}}}));
}

TEST_F(GamepadEventsTest, OvertakenStatesAreDropped) {
    EXPECT_EQ(events_.of(state(250, kA)).size(), 2u);
    EXPECT_THAT(events_.of(state(250, kB)), IsEmpty()) << "twice the same";
    EXPECT_THAT(events_.of(state(249, kB)), IsEmpty());
    EXPECT_THAT(events_.of(state(121, kB)), ElementsAre(Addressed{0, State{.buttons = kB}}))
        << "half way round is ahead";
    EXPECT_THAT(events_.of(state(250, kA)), IsEmpty());
    EXPECT_EQ(events_.of(state(250, kA, 1)).size(), 2u) << "each pad counts for itself";
    EXPECT_THAT(events_.of(state(2, kA, 1)), ElementsAre(Addressed{1, State{.buttons = kA}})) << "it wraps";
}

TEST_F(GamepadEventsTest, RemovalLastsUntilSomethingNewer) {
    (void)events_.of(state(10, kA));
    EXPECT_THAT(events_.of(remove(9)), IsEmpty()) << "an old removal";
    EXPECT_THAT(events_.of(remove(11)), ElementsAre(Addressed{0, Unplug{}}));
    EXPECT_THAT(events_.of(remove(12)), IsEmpty()) << "it is gone already";
    EXPECT_THAT(events_.of(state(11, kA)), IsEmpty()) << "sent before the removal";
    EXPECT_THAT(events_.of(state(13, kB)),
                ElementsAre(Addressed{0, Plug{Kind::Xbox360}}, Addressed{0, State{.buttons = kB}}));
}

TEST_F(GamepadEventsTest, ArrivalSaysTheKind) {
    EXPECT_THAT(events_.of(arrive(2)), ElementsAre(Addressed{0, Plug{Kind::DualSense}}, Addressed{0, State{}}));
    EXPECT_THAT(events_.of(arrive(7)), IsEmpty()) << "an Edge is a DualSense here";
    EXPECT_THAT(events_.of(state(1, kA)), ElementsAre(Addressed{0, State{.buttons = kA}}));
    EXPECT_THAT(events_.of(arrive(8)),
                ElementsAre(Addressed{0, Plug{Kind::Xbox360}}, Addressed{0, State{.buttons = kA}}));
    EXPECT_THAT(events_.of(state(1, kB)), IsEmpty()) << "the same pad goes on counting";
    (void)events_.of(remove(2));
    (void)events_.of(arrive(1));
    EXPECT_EQ(events_.of(state(1, kB)).size(), 1u) << "another pad counts anew";
    EXPECT_EQ(events_.of(arrive(0, 5)).front(), (Addressed{5, Plug{Kind::Xbox360}})) << "the session's kind";
    EXPECT_EQ(events_.of(arrive(0xffffffff, 6)).front(), (Addressed{6, Plug{Kind::Xbox360}}));
}

TEST_F(GamepadEventsTest, TouchpadExIsCentredAndMayClick) {
    (void)events_.of(arrive(2));
    const auto touch = [&](uint8_t surface, uint8_t finger, int16_t x, int16_t y) {
        return events_.of(wire::RichInput{wire::TouchpadEx{0, surface, finger, true, false, x, y, 0}});
    };
    EXPECT_THAT(touch(0, 1, -32768, 32767), ElementsAre(Addressed{0, Touch{1, true, 0, 65535}}));
    EXPECT_THAT(touch(1, 0, 32767, 0), ElementsAre(Addressed{0, Touch{0, true, 32767, 32768}})) << "the left half";
    EXPECT_THAT(touch(2, 0, -32768, 0), ElementsAre(Addressed{0, Touch{1, true, 32768, 32768}})) << "the right half";
    EXPECT_THAT(touch(3, 0, 0, 0), IsEmpty());
    const wire::TouchpadEx click{0, 0, 0, true, true, 0, 0, 0};
    EXPECT_THAT(events_.of(wire::RichInput{click}), ElementsAre(Addressed{0, Touch{0, true, 32768, 32768}},
                                                                Addressed{0, State{.buttons = kTouchpadClick}}));
    EXPECT_THAT(events_.of(state(0, kA)), ElementsAre(Addressed{0, State{.buttons = kA | kTouchpadClick}}))
        << "it stays pressed";
    EXPECT_EQ(touch(0, 0, 0, 0).back(), (Addressed{0, State{.buttons = kA}})) << "until a touch says otherwise";
}

RC_GTEST_PROP(GamepadEventsProperties, NoStateWithoutAPad, ()) {
    GamepadEvents events(Kind::Xbox360);
    std::array<bool, 256> plugged{};
    const auto check = [&](const GamepadEvents::Changes& changes) {
        for (const auto& [pad, change] : changes) {
            RC_ASSERT(pad < kMaxPads);
            if (std::holds_alternative<Plug>(change)) plugged[pad] = true;
            RC_ASSERT(plugged[pad]);
            if (std::holds_alternative<Unplug>(change)) plugged[pad] = false;
        }
    };
    for (int i = 0; i < 100; ++i) {
        const auto kind = static_cast<wire::InputKind>(*rc::gen::inRange(7, 15));
        const auto pad = *rc::gen::inRange<uint32_t>(0, 18);
        const auto high = *rc::gen::arbitrary<uint8_t>();
        check(events.of(
            wire::InputEvent{kind, *rc::gen::arbitrary<uint32_t>(), *rc::gen::arbitrary<int32_t>(), 0,
                             uint32_t{high} << (kind == GamepadButton || kind == GamepadAxis ? 4 : 24) | pad}));
        check(events.of(
            wire::RichInput{wire::TouchpadEx{static_cast<uint8_t>(pad), high, high, true, high > 100, 0, 0, 0}}));
    }
}

TEST_F(GamepadEventsTest, WhatWasTakenAwayComesBackAsItWas) {
    (void)events_.of(arrive(2, 3));
    (void)events_.of(state(5, kA, 3));
    EXPECT_THAT(events_.allow(false), ElementsAre(Addressed{3, Unplug{}}));
    EXPECT_THAT(events_.allow(false), IsEmpty());
    EXPECT_THAT(events_.allow(true), IsEmpty()) << "it is the client that plugs in";
    EXPECT_THAT(events_.of(state(4, kB, 3)), IsEmpty()) << "it was overtaken";
    EXPECT_THAT(events_.of(state(6, kB, 3)),
                ElementsAre(Addressed{3, Plug{Kind::DualSense}}, Addressed{3, State{.buttons = kB}}));
}

TEST_F(GamepadEventsTest, WithoutPermissionNothingIsPluggedInOrPressed) {
    EXPECT_THAT(events_.allow(false), IsEmpty());
    EXPECT_THAT(events_.of(arrive(2, 3)), IsEmpty());
    EXPECT_THAT(events_.of(state(5, kA, 3)), IsEmpty());
    EXPECT_THAT(events_.of(button(kA, true, 1)), IsEmpty());
    EXPECT_THAT(events_.of(wire::RichInput{wire::TouchpadEx{3, 0, 0, true, true, 0, 0, 0}}), IsEmpty());
    EXPECT_THAT(events_.allow(true), IsEmpty());
    // What was pressed meanwhile is not held now.
    EXPECT_THAT(events_.of(axis(0, 5, 1)),
                ElementsAre(Addressed{1, Plug{Kind::Xbox360}}, Addressed{1, State{.left_x = 5}}));
}

}  // namespace punktfunk::gamepad
