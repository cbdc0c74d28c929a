// The Xbox 360 pad as a game sees it (spec §6, §5.4).
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pads.hpp"
#include "process.hpp"

namespace punktfunk::test {

using namespace gamepad;
using namespace std::chrono_literals;
using testing::ElementsAre;

class XboxPad : public testing::Test {
  protected:
    Pads pads_;
    EvdevNode node_ = [this] {
        pads_.push(0, Plug{Kind::Xbox360});
        return EvdevNode::open(Pads::phys(0));
    }();
};

TEST_F(XboxPad, LooksLikeTheRealOne) {
    EXPECT_EQ(node_.name(), "Microsoft X-Box 360 pad");
    const input_id id = node_.id();
    EXPECT_EQ(id.bustype, BUS_USB);
    EXPECT_EQ(id.vendor, 0x045e);
    EXPECT_EQ(id.product, 0x028e);
    EXPECT_EQ(id.version, 0x0110);
    EXPECT_THAT(node_.codes(EV_KEY),
                ElementsAre(0x130, 0x131, 0x133, 0x134, 0x136, 0x137, 0x13a, 0x13b, 0x13c, 0x13d, 0x13e));
    EXPECT_THAT(node_.codes(EV_ABS), ElementsAre(ABS_X, ABS_Y, ABS_Z, ABS_RX, ABS_RY, ABS_RZ, ABS_HAT0X, ABS_HAT0Y));
    EXPECT_THAT(node_.codes(EV_FF), ElementsAre(FF_RUMBLE, FF_GAIN));
    EXPECT_EQ(node_.effects_at_a_time(), 16);
    const auto range = [&](int code) {
        const input_absinfo axis = node_.axis(code);
        return std::array{axis.minimum, axis.maximum, axis.fuzz, axis.flat, axis.value};
    };
    for (const int stick : {ABS_X, ABS_Y, ABS_RX, ABS_RY})
        EXPECT_EQ(range(stick), (std::array{-32768, 32767, 16, 128, 0})) << stick;
    for (const int trigger : {ABS_Z, ABS_RZ}) EXPECT_EQ(range(trigger), (std::array{0, 255, 0, 0, 0})) << trigger;
    for (const int hat : {ABS_HAT0X, ABS_HAT0Y}) EXPECT_EQ(range(hat), (std::array{-1, 1, 0, 0, 0})) << hat;
}

TEST_F(XboxPad, EveryButtonIsOneEvent) {
    const std::pair<Button, int> buttons[] = {{kA, 0x130},         {kB, 0x131},          {kX, 0x133},
                                              {kY, 0x134},         {kLeftBumper, 0x136}, {kRightBumper, 0x137},
                                              {kBack, 0x13a},      {kStart, 0x13b},      {kGuide, 0x13c},
                                              {kLeftStick, 0x13d}, {kRightStick, 0x13e}};
    for (const auto& [button, code] : buttons) {
        pads_.push(0, State{.buttons = button});
        EXPECT_THAT(node_.frame(), ElementsAre(EvdevEvent{EV_KEY, code, 1})) << button;
        pads_.push(0, State{});
        EXPECT_THAT(node_.frame(), ElementsAre(EvdevEvent{EV_KEY, code, 0})) << button;
    }
}

TEST_F(XboxPad, EveryAxisToItsEnds) {
    const std::tuple<State, int, int> ends[] = {
        {{.left_x = -32768}, ABS_X, -32768},    {{.left_x = 32767}, ABS_X, 32767},
        {{.left_y = 32767}, ABS_Y, -32767},     {{.left_y = -32768}, ABS_Y, 32767},
        {{.right_x = -32768}, ABS_RX, -32768},  {{.right_x = 32767}, ABS_RX, 32767},
        {{.right_y = 32767}, ABS_RY, -32767},   {{.right_y = -32768}, ABS_RY, 32767},
        {{.left_trigger = 255}, ABS_Z, 255},    {{.left_trigger = 1}, ABS_Z, 1},
        {{.right_trigger = 255}, ABS_RZ, 255},  {{.buttons = kDpadUp}, ABS_HAT0Y, -1},
        {{.buttons = kDpadDown}, ABS_HAT0Y, 1}, {{.buttons = kDpadLeft}, ABS_HAT0X, -1},
        {{.buttons = kDpadRight}, ABS_HAT0X, 1}};
    for (const auto& [state, code, value] : ends) {
        pads_.push(0, state);
        EXPECT_THAT(node_.frame(), ElementsAre(EvdevEvent{EV_ABS, code, value}));
        pads_.push(0, State{});
        EXPECT_THAT(node_.frame(), ElementsAre(EvdevEvent{EV_ABS, code, 0}));
    }
}

TEST_F(XboxPad, WhatChangesTogetherArrivesTogether) {
    pads_.push(0,
               State{.buttons = kA | kY | kDpadUp | kDpadRight | kTouchpadClick, .left_x = 1000, .right_trigger = 7});
    EXPECT_THAT(node_.frame(), ElementsAre(EvdevEvent{EV_KEY, BTN_SOUTH, 1}, EvdevEvent{EV_KEY, BTN_WEST, 1},
                                           EvdevEvent{EV_ABS, ABS_X, 1000}, EvdevEvent{EV_ABS, ABS_RZ, 7},
                                           EvdevEvent{EV_ABS, ABS_HAT0X, 1}, EvdevEvent{EV_ABS, ABS_HAT0Y, -1}));
}

TEST_F(XboxPad, RumbleIsPlayedStoppedAndRepeated) {
    const int effect = node_.upload(0xffff, 0x8000, 0ms);
    ASSERT_GE(effect, 0);
    node_.play(effect, 1);
    EXPECT_TRUE(pads_.hears(0, Rumble{0xfffe, 0x7fff}));
    EXPECT_TRUE(pads_.hears(0, Rumble{0xfffe, 0x7fff})) << "again after a while: a lost datagram heals";
    node_.set_gain(0x8000);
    EXPECT_TRUE(pads_.hears(0, Rumble{0x7fff, 0x4000}));
    node_.play(effect, 0);
    EXPECT_TRUE(pads_.hears(0, Rumble{}));
    EXPECT_TRUE(pads_.hears(0, Rumble{})) << "a stop is repeated too";
}

TEST_F(XboxPad, RumbleEndsByItself) {
    const int effect = node_.upload(0x4000, 0, 100ms);
    ASSERT_GE(effect, 0);
    node_.play(effect, 1);
    EXPECT_TRUE(pads_.hears(0, Rumble{0x3fff, 0}));
    EXPECT_TRUE(pads_.hears(0, Rumble{}));
}

TEST_F(XboxPad, EffectsAddUp) {
    const int one = node_.upload(0x1000, 0, 0ms), two = node_.upload(0x2000, 0x100, 0ms);
    node_.play(one, 1);
    EXPECT_TRUE(pads_.hears(0, Rumble{0x0fff, 0}));
    node_.play(two, 1);
    EXPECT_TRUE(pads_.hears(0, Rumble{0x2fff, 0xff}));
    EXPECT_EQ(node_.upload(0x3000, 0x100, 0ms, two), two);
    EXPECT_TRUE(pads_.hears(0, Rumble{0x3fff, 0xff})) << "a newer form of an effect that plays";
    EXPECT_TRUE(node_.erase(two));
    EXPECT_TRUE(pads_.hears(0, Rumble{0x0fff, 0}));
}

TEST_F(XboxPad, AGameThatEndsStopsItsRumble) {
    {
        EvdevNode game = EvdevNode::open(Pads::phys(0));
        game.play(game.upload(0x8000, 0, 0ms), 1);
        EXPECT_TRUE(pads_.hears(0, Rumble{0x7fff, 0}));
    }
    EXPECT_TRUE(pads_.hears(0, Rumble{}));
}

TEST_F(XboxPad, HasRoomForSixteenEffects) {
    for (int i = 0; i < 16; ++i) EXPECT_GE(node_.upload(1, 1, 0ms), 0);
    EXPECT_EQ(node_.upload(1, 1, 0ms), -1);
}

TEST_F(XboxPad, UnpluggingRemovesIt) {
    const int effect = node_.upload(0x8000, 0, 0ms);
    node_.play(effect, 1);
    EXPECT_TRUE(pads_.hears(0, Rumble{0x7fff, 0}));
    pads_.push(0, State{.buttons = kA, .left_x = 20000});
    EXPECT_EQ(node_.frame().size(), 2u);
    pads_.push(0, Unplug{});
    EXPECT_TRUE(node_.gone());
    EXPECT_TRUE(pads_.hears(0, Rumble{}));
    EXPECT_FALSE(EvdevNode::exists(Pads::phys(0)));
    pads_.push(0, State{.buttons = kB});
    pads_.push(0, Plug{Kind::Xbox360});
    EXPECT_EQ(EvdevNode::open(Pads::phys(0)).name(), "Microsoft X-Box 360 pad");
}

TEST_F(XboxPad, TheEndOfTheSessionRemovesIt) {
    pads_.push(0, State{.buttons = kA, .right_trigger = 200});
    EXPECT_EQ(node_.frame().size(), 2u);
    pads_.end();
    EXPECT_TRUE(node_.gone());
    EXPECT_FALSE(EvdevNode::exists(Pads::phys(0)));
}

TEST_F(XboxPad, SixteenAtOnceAreSixteenDevices) {
    for (uint8_t pad = 1; pad < kMaxPads; ++pad) pads_.push(pad, Plug{Kind::Xbox360});
    for (uint8_t pad = 0; pad < kMaxPads; ++pad) {
        EvdevNode node = EvdevNode::open(Pads::phys(pad));
        pads_.push(pad, State{.left_trigger = static_cast<uint8_t>(pad + 1)});
        EXPECT_THAT(node.frame(), ElementsAre(EvdevEvent{EV_ABS, ABS_Z, pad + 1}));
    }
}

}  // namespace punktfunk::test
