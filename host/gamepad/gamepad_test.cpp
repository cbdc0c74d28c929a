#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dualsense_report.hpp"
#include "punktfunk/gamepad/gamepad_set.hpp"
#include "rumble_effects.hpp"

namespace punktfunk::gamepad {

using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

int16_t le16(const std::array<uint8_t, DualSenseInput::kBytes>& report, size_t at) {
    return load_le<int16_t>(&report[at]);
}

std::array<uint8_t, DualSenseInput::kBytes> report_of(const State& state) {
    DualSenseInput input;
    input.set(state);
    return input.next_report(0ns);
}

struct Contact {
    bool active;
    int id, x, y;
    bool operator==(const Contact&) const = default;
};
Contact contact(const std::array<uint8_t, DualSenseInput::kBytes>& report, size_t finger) {
    const uint8_t* at = &report[33 + 4 * finger];
    return {(at[0] & 0x80) == 0, at[0] & 0x7f, at[1] | (at[2] & 0x0f) << 8, at[2] >> 4 | at[3] << 4};
}

Bytes output_report(uint8_t flag0, uint8_t flag1) {
    Bytes report(48);
    for (size_t i = 0; i < report.size(); ++i) report[i] = static_cast<uint8_t>(i);
    report[0] = 0x02;
    report[1] = flag0;
    report[2] = flag1;
    return report;
}

std::array<uint8_t, 11> counting_from(uint8_t first) {
    std::array<uint8_t, 11> bytes;
    for (uint8_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(first + i);
    return bytes;
}

}  // namespace

TEST(DualSenseInput, AtRest) {
    const auto report = report_of({});
    EXPECT_EQ(report[0], 0x01);
    EXPECT_THAT(std::vector(report.begin() + 1, report.begin() + 7), ElementsAre(128, 127, 128, 127, 0, 0));
    EXPECT_EQ(report[8], 8) << "the hat at rest";
    EXPECT_EQ(report[9], 0);
    EXPECT_EQ(report[10], 0);
    EXPECT_FALSE(contact(report, 0).active);
    EXPECT_FALSE(contact(report, 1).active);
}

TEST(DualSenseInput, SticksAndTriggers) {
    const auto report = report_of({.left_x = -32768,
                                   .left_y = 32767,
                                   .right_x = 32767,
                                   .right_y = -32768,
                                   .left_trigger = 1,
                                   .right_trigger = 255});
    EXPECT_THAT(std::vector(report.begin() + 1, report.begin() + 7), ElementsAre(0, 0, 255, 255, 1, 255));
    EXPECT_EQ(report[9], 0x04 | 0x08) << "the triggers' buttons";
}

TEST(DualSenseInput, EveryButtonHasItsBit) {
    const std::tuple<Button, size_t, int> expected[] = {
        {kX, 8, 0x18},          {kA, 8, 0x28},           {kB, 8, 0x48},      {kY, 8, 0x88},
        {kLeftBumper, 9, 0x01}, {kRightBumper, 9, 0x02}, {kBack, 9, 0x10},   {kStart, 9, 0x20},
        {kLeftStick, 9, 0x40},  {kRightStick, 9, 0x80},  {kGuide, 10, 0x01}, {kTouchpadClick, 10, 0x02}};
    const auto rest = report_of({});
    for (const auto& [button, offset, value] : expected) {
        auto report = report_of({.buttons = button});
        EXPECT_EQ(report[offset], value) << "button " << button;
        report[offset] = rest[offset];
        EXPECT_EQ(report, rest) << "button " << button << " and nothing else";
    }
    EXPECT_EQ(report_of({.buttons = 0xffef0800}), rest) << "bits that mean nothing";
}

TEST(DualSenseInput, TheHatGoesClockwise) {
    const uint32_t clockwise[] = {kDpadUp,   kDpadUp | kDpadRight,  kDpadRight, kDpadRight | kDpadDown,
                                  kDpadDown, kDpadDown | kDpadLeft, kDpadLeft,  kDpadLeft | kDpadUp};
    for (uint8_t i = 0; i < 8; ++i) EXPECT_EQ(report_of({.buttons = clockwise[i]})[8], i);
    EXPECT_EQ(report_of({.buttons = kDpadUp | kDpadDown})[8], 8);
}

TEST(DualSenseInput, TouchesKeepTheirNumberWhileTheyLast) {
    DualSenseInput input;
    input.set(Touch{0, true, 65535, 65535});
    EXPECT_EQ(contact(input.next_report(0ns), 0), (Contact{true, 0, 1919, 1079}));
    input.set(Touch{0, true, 32768, 1});
    input.set(Touch{9, true, 0, 0});
    auto report = input.next_report(0ns);
    EXPECT_EQ(contact(report, 0), (Contact{true, 0, 959, 0}));
    EXPECT_EQ(contact(report, 1), (Contact{true, 1, 0, 0})) << "a third finger is the second";
    input.set(Touch{0, false, 0, 0});
    input.set(Touch{0, true, 0, 0});
    EXPECT_EQ(contact(input.next_report(0ns), 0).id, 2);
}

TEST(DualSenseInput, MotionAndTime) {
    DualSenseInput input;
    input.set(Motion{{1, -2, 32767}, {-32768, 5, -6}});
    auto report = input.next_report(1s);
    EXPECT_EQ(report[7], 0);
    EXPECT_EQ(le16(report, 16), 1);
    EXPECT_EQ(le16(report, 18), -2);
    EXPECT_EQ(le16(report, 20), 32767);
    EXPECT_EQ(le16(report, 22), -32768);
    EXPECT_EQ(le16(report, 24), 5);
    EXPECT_EQ(le16(report, 26), -6);
    EXPECT_EQ(load_le<uint32_t>(&report[28]), 3'000'000u);
    EXPECT_EQ(input.next_report(1s)[7], 1);
}

TEST(DualSenseReports, FeatureReportsHaveTheirSizes) {
    const MacAddress address{0x02, 1, 2, 3, 4, 5};
    EXPECT_EQ(dualsense_feature_report(0x05, address).size(), 41u);
    const Bytes pairing = dualsense_feature_report(0x09, address);
    ASSERT_EQ(pairing.size(), 20u);
    EXPECT_THAT(std::vector(pairing.begin(), pairing.begin() + 7), ElementsAre(9, 5, 4, 3, 2, 1, 2));
    EXPECT_EQ(dualsense_feature_report(0x20, address).size(), 64u);
    EXPECT_TRUE(dualsense_feature_report(0x22, address).empty());
}

TEST(DualSenseOutput, FlagsSayWhatIsMeant) {
    EXPECT_THAT(parse_dualsense_output(output_report(0, 0)), ElementsAre());
    for (const uint8_t flag : {1, 2, 3})
        EXPECT_THAT(parse_dualsense_output(output_report(flag, 0)), ElementsAre(Feedback{Rumble{0x0400, 0x0300}}));
    EXPECT_THAT(parse_dualsense_output(output_report(0, 0x04)), ElementsAre(Feedback{Lightbar{45, 46, 47}}));
    EXPECT_THAT(parse_dualsense_output(output_report(0, 0x10)), ElementsAre(Feedback{PlayerLeds{44 & 0x1f}}));
    EXPECT_THAT(parse_dualsense_output(output_report(0x04, 0)),
                ElementsAre(Feedback{TriggerEffect{1, counting_from(11)}}));
    EXPECT_THAT(parse_dualsense_output(output_report(0x08, 0)),
                ElementsAre(Feedback{TriggerEffect{0, counting_from(22)}}));
    EXPECT_EQ(parse_dualsense_output(output_report(0xff, 0xff)).size(), 5u);
}

TEST(DualSenseOutput, OtherReportsAreNone) {
    Bytes report = output_report(0xff, 0xff);
    EXPECT_TRUE(parse_dualsense_output(ByteView(report).first(47)).empty());
    EXPECT_TRUE(parse_dualsense_output({}).empty());
    report[0] = 0x31;
    EXPECT_TRUE(parse_dualsense_output(report).empty());
    report[0] = 0x02;
    report.resize(4096);
    EXPECT_EQ(parse_dualsense_output(report).size(), 5u) << "a longer one is taken";
}

TEST(RumbleEffects, SumGainAndEnds) {
    const RumbleEffects::TimePoint t0{1h};
    RumbleEffects effects;
    EXPECT_TRUE(effects.upload(0, {.strong = 0xffff, .weak = 0x1000}, t0));
    EXPECT_EQ(effects.mix(t0), Rumble{}) << "uploaded is not playing";
    effects.play(0, 1, t0);
    EXPECT_EQ(effects.mix(t0), (Rumble{0xfffe, 0x0fff})) << "full scale";
    EXPECT_EQ(effects.mix(t0 + 24h), (Rumble{0xfffe, 0x0fff})) << "without a length it plays until it is stopped";
    EXPECT_FALSE(effects.next_change(t0));
    EXPECT_TRUE(effects.upload(15, {.strong = 0xffff, .weak = 0x2000, .delay = 10ms, .length = 100ms}, t0));
    effects.play(15, 2, t0);
    EXPECT_EQ(effects.next_change(t0), t0 + 10ms);
    EXPECT_EQ(effects.mix(t0 + 9ms).high, 0x0fff);
    EXPECT_EQ(effects.mix(t0 + 10ms), (Rumble{0xfffe, 0x2fff})) << "the sum is bounded";
    EXPECT_EQ(effects.next_change(t0 + 10ms), t0 + 210ms);
    EXPECT_EQ(effects.mix(t0 + 209ms).high, 0x2fff) << "twice in a row";
    EXPECT_EQ(effects.mix(t0 + 210ms).high, 0x0fff);
    effects.set_gain(0x8000);
    EXPECT_EQ(effects.mix(t0 + 300ms), (Rumble{0x7fff, 0x0800}));
    effects.play(0, 0, t0);
    EXPECT_EQ(effects.mix(t0 + 300ms), Rumble{});
}

TEST(RumbleEffects, ANewerFormBeginsAgain) {
    const RumbleEffects::TimePoint t0{1h};
    RumbleEffects effects;
    (void)effects.upload(3, {.strong = 2, .length = 100ms}, t0);
    effects.play(3, 1, t0);
    effects.set_gain(0xffff);
    EXPECT_TRUE(effects.upload(3, {.strong = 0x2000, .length = 100ms}, t0 + 50ms));
    EXPECT_EQ(effects.mix(t0 + 149ms).low, 0x1fff);
    EXPECT_EQ(effects.mix(t0 + 150ms).low, 0);
    EXPECT_TRUE(effects.erase(3));
    EXPECT_EQ(effects.mix(t0 + 60ms), Rumble{});
}

TEST(RumbleEffects, SlotsThatAreNotThere) {
    RumbleEffects effects;
    EXPECT_FALSE(effects.upload(16, {.strong = 1}, {}));
    EXPECT_FALSE(effects.erase(16));
    effects.play(16, 1, {});
    effects.play(2, 1, {});
    EXPECT_EQ(effects.mix({}), Rumble{});
    (void)effects.upload(2, {.strong = 0x100, .delay = 65535ms, .length = 65535ms}, {});
    effects.play(2, 0xffffffff, {});
    EXPECT_EQ(effects.mix(RumbleEffects::TimePoint{20h}).low, 0xff) << "as good as for ever";
}

TEST(GamepadSet, WhatNamesNoPadIsIgnored) {
    GamepadSet pads("test", [](uint8_t, const Feedback&) {});
    pads.push(16, Plug{});
    pads.push(255, State{});
    pads.push(0, State{.buttons = kA});  // no Plug before it: no thread, no device
    pads.push(0, Touch{});
}

}  // namespace punktfunk::gamepad
