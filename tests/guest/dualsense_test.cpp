// The DualSense as the kernel's hid-playstation shows it to games (spec §5.5, §5.6, §6).
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pads.hpp"
#include "process.hpp"

namespace punktfunk::test {

using namespace gamepad;
using namespace std::chrono_literals;
using testing::ElementsAre;

namespace {

constexpr const char* kPad = "DualSense Wireless Controller";
constexpr const char* kMotionSensors = "Motion Sensors";
constexpr const char* kTouchpad = "Touchpad";

std::filesystem::path only_entry(const std::filesystem::path& folder, const std::string& part) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().filename().string().find(part) != std::string::npos) return entry.path();
    }
    throw std::runtime_error("nothing like " + part + " in " + folder.string());
}

void write_text(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file);
    out << text << std::flush;
    EXPECT_TRUE(out) << file;
}

}  // namespace

class DualSense : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path led(const std::string& part) const {
        return only_entry(node_.hid_device() / "leds", part);
    }

    Pads pads_;
    EvdevNode node_ = [this] {
        pads_.push(0, Plug{Kind::DualSense});
        return EvdevNode::open(Pads::phys(0), kPad);
    }();
};

TEST_F(DualSense, IsDrivenByItsOwnDriver) {
    EXPECT_EQ(std::filesystem::canonical(node_.hid_device() / "driver").filename(), "playstation");
    EXPECT_EQ(node_.id().bustype, BUS_USB);
    EXPECT_EQ(node_.id().vendor, 0x054c);
    EXPECT_EQ(node_.id().product, 0x0ce6);
    (void)EvdevNode::open(Pads::phys(0), kMotionSensors);
    (void)EvdevNode::open(Pads::phys(0), kTouchpad);
}

TEST_F(DualSense, EveryButtonIsItsButton) {
    const std::pair<Button, int> buttons[] = {
        {kA, BTN_SOUTH},       {kB, BTN_EAST},           {kX, BTN_WEST},           {kY, BTN_NORTH},
        {kLeftBumper, BTN_TL}, {kRightBumper, BTN_TR},   {kBack, BTN_SELECT},      {kStart, BTN_START},
        {kGuide, BTN_MODE},    {kLeftStick, BTN_THUMBL}, {kRightStick, BTN_THUMBR}};
    for (const auto& [button, code] : buttons) {
        pads_.push(0, State{.buttons = button});
        EXPECT_TRUE(node_.sees({EV_KEY, code, 1})) << button;
        pads_.push(0, State{});
        EXPECT_TRUE(node_.sees({EV_KEY, code, 0})) << button;
    }
    pads_.push(0, State{.buttons = kDpadUp | kDpadLeft});
    EXPECT_THAT(node_.frame(), ElementsAre(EvdevEvent{EV_ABS, ABS_HAT0X, -1}, EvdevEvent{EV_ABS, ABS_HAT0Y, -1}));
}

TEST_F(DualSense, EveryAxisToItsEnds) {
    const std::tuple<State, int, int> ends[] = {{{.left_x = -32768}, ABS_X, 0},   {{.left_x = 32767}, ABS_X, 255},
                                                {{.left_y = 32767}, ABS_Y, 0},    {{.left_y = -32768}, ABS_Y, 255},
                                                {{.right_x = -32768}, ABS_RX, 0}, {{.right_x = 32767}, ABS_RX, 255},
                                                {{.right_y = 32767}, ABS_RY, 0},  {{.right_y = -32768}, ABS_RY, 255}};
    for (const auto& [state, code, value] : ends) {
        pads_.push(0, state);
        EXPECT_TRUE(node_.sees({EV_ABS, code, value})) << code << " " << value;
    }
    pads_.push(0, State{.left_trigger = 77});
    EXPECT_TRUE(node_.sees({EV_ABS, ABS_Z, 77}));
    pads_.push(0, State{.right_trigger = 255});
    EXPECT_TRUE(node_.sees({EV_KEY, BTN_TR2, 1})) << "a trigger is a button too";
    EXPECT_EQ(node_.axis(ABS_RZ).value, 255);
    EXPECT_EQ(node_.axis(ABS_Z).value, 0);
}

TEST_F(DualSense, MotionArrivesInPhysicalUnits) {
    EvdevNode motion = EvdevNode::open(Pads::phys(0), kMotionSensors);
    pads_.push(0, Motion{{20, -2000, 200}, {10000, -10000, 5000}});
    EXPECT_TRUE(motion.sees({EV_ABS, ABS_RX, motion.axis(ABS_RX).resolution})) << "one degree per second";
    EXPECT_TRUE(
        eventually(kPatience, [&] { return motion.axis(ABS_RZ).value == 10 * motion.axis(ABS_RZ).resolution; }));
    EXPECT_EQ(motion.axis(ABS_RY).value, -100 * motion.axis(ABS_RY).resolution);
    EXPECT_EQ(motion.axis(ABS_X).value, motion.axis(ABS_X).resolution) << "one g";
    EXPECT_EQ(motion.axis(ABS_Y).value, -motion.axis(ABS_Y).resolution);
    EXPECT_EQ(motion.axis(ABS_Z).value, motion.axis(ABS_Z).resolution / 2);
}

TEST_F(DualSense, IsNeverSilent) {
    EvdevNode motion = EvdevNode::open(Pads::phys(0), kMotionSensors);
    // The sensors' clock goes on although nothing moves.
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(motion.frame().empty());
}

TEST_F(DualSense, TwoFingersAndAClick) {
    EvdevNode touchpad = EvdevNode::open(Pads::phys(0), kTouchpad);
    pads_.push(0, Touch{0, true, 32768, 65535});
    EXPECT_TRUE(touchpad.sees({EV_ABS, ABS_MT_POSITION_X, 959}));
    EXPECT_EQ(touchpad.axis(ABS_Y).value, 1079);
    pads_.push(0, Touch{1, true, 65535, 0});
    EXPECT_TRUE(touchpad.sees({EV_ABS, ABS_MT_POSITION_X, 1919}));
    pads_.push(0, State{.buttons = kTouchpadClick});
    EXPECT_TRUE(touchpad.sees({EV_KEY, BTN_LEFT, 1}));
    pads_.push(0, Touch{0, false, 0, 0});
    pads_.push(0, Touch{1, false, 0, 0});
    EXPECT_TRUE(touchpad.sees({EV_KEY, BTN_TOUCH, 0}));
}

TEST_F(DualSense, RumbleArrivesAndStops) {
    const int effect = node_.upload(0xffff, 0x8000, 0ms);
    ASSERT_GE(effect, 0);
    node_.play(effect, 1);
    EXPECT_TRUE(pads_.hears(0, Rumble{0xff00, 0x8000}));
    EXPECT_TRUE(pads_.hears(0, Rumble{0xff00, 0x8000})) << "again after a while";
    node_.play(effect, 0);
    EXPECT_TRUE(pads_.hears(0, Rumble{}));
}

TEST_F(DualSense, LightsArrive) {
    write_text(led("rgb:indicator") / "multi_intensity", "10 20 30");
    write_text(led("rgb:indicator") / "brightness", "255");
    EXPECT_TRUE(pads_.hears(0, Lightbar{10, 20, 30}));
    // The driver has lit some of these for the player's number.
    for (int player = 1; player <= 5; ++player) write_text(led("player-" + std::to_string(player)) / "brightness", "0");
    EXPECT_TRUE(pads_.hears(0, PlayerLeds{0}));
    write_text(led("player-3") / "brightness", "1");
    EXPECT_TRUE(pads_.hears(0, PlayerLeds{0b00100}));
}

TEST_F(DualSense, TriggerEffectsOfARawReportArrive) {
    const auto raw = "/dev" / only_entry(node_.hid_device() / "hidraw", "hidraw").filename();
    UniqueFd fd(::open(raw.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(fd) << raw;
    std::array<uint8_t, 48> report{0x02, 0x0c};
    TriggerEffect left{.which = 0}, right{.which = 1};
    for (uint8_t i = 0; i < left.effect.size(); ++i) {
        right.effect[i] = report[11 + i] = static_cast<uint8_t>(0x21 + i);
        left.effect[i] = report[22 + i] = static_cast<uint8_t>(0x80 + i);
    }
    ASSERT_EQ(::write(fd.get(), report.data(), report.size()), static_cast<ssize_t>(report.size()));
    EXPECT_TRUE(pads_.hears(0, right));
    EXPECT_TRUE(pads_.hears(0, left));
    // Whatever a program writes, the pad stays.
    for (const size_t size : {1, 2, 47}) (void)::write(fd.get(), report.data(), size);
    std::array<uint8_t, 4096> noise;
    noise.fill(0xff);
    noise[0] = 0x02;
    (void)::write(fd.get(), noise.data(), noise.size());
    pads_.push(0, State{.buttons = kA});
    EXPECT_TRUE(node_.sees({EV_KEY, BTN_SOUTH, 1}));
}

TEST_F(DualSense, SeveralHaveAddressesOfTheirOwn) {
    for (uint8_t pad = 1; pad < 4; ++pad) pads_.push(pad, Plug{Kind::DualSense});
    for (uint8_t pad = 1; pad < 4; ++pad) {
        EvdevNode node = EvdevNode::open(Pads::phys(pad), kPad);
        pads_.push(pad, State{.buttons = kX});
        EXPECT_TRUE(node.sees({EV_KEY, BTN_WEST, 1}));
    }
}

TEST_F(DualSense, AnotherKindReplacesIt) {
    pads_.push(0, Plug{Kind::DualSense});
    pads_.push(0, Plug{Kind::Xbox360});
    EXPECT_TRUE(node_.gone());
    EXPECT_EQ(EvdevNode::open(Pads::phys(0)).id().vendor, 0x045e);
}

TEST_F(DualSense, TheEndOfTheSessionRemovesIt) {
    pads_.push(0, State{.buttons = kA});
    EXPECT_TRUE(node_.sees({EV_KEY, BTN_SOUTH, 1}));
    pads_.end();
    EXPECT_TRUE(node_.gone());
    EXPECT_FALSE(EvdevNode::exists(Pads::phys(0)));
}

}  // namespace punktfunk::test
