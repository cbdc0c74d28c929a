// Every message of a client's controllers, and what the kernel's pads make of it; and what games ask, and the messages
// that tell the client.
#include "client_pads.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "punktfunk/gamepad/gamepad_events.hpp"

namespace punktfunk::moonlight {

namespace gs = gs_control;
using gamepad::Kind;
using gamepad::Plug;
using gamepad::State;
using gamepad::Unplug;
using gs::ContactEvent;
using gs::ControllerArrival;
using gs::ControllerState;
using gs::ControllerTouch;
using gs::ControllerType;
using testing::ElementsAre;
using testing::IsEmpty;
using Changed = gamepad::GamepadEvents::Addressed;

namespace {

constexpr uint16_t kAllCapabilities = 0x1FF;

struct ClientPadsTest : testing::Test {
    // What happens to the pads.
    std::vector<Changed> changes(const gs::InputEvent& event) {
        changes_.clear();
        pads.take(event);
        return changes_;
    }
    std::vector<gs::HostMessage> messages(uint8_t pad, const gamepad::Feedback& feedback) {
        sent.clear();
        pads.tell(pad, feedback);
        return sent;
    }
    static ControllerState state(uint8_t controller, uint32_t buttons = 0) {
        return {.controller = controller, .connected_mask = 0xFFFF, .buttons = buttons};
    }
    static ControllerState gone(uint8_t controller) {
        return {.controller = controller, .connected_mask = static_cast<uint16_t>(~(1u << controller))};
    }
    static ControllerTouch touch(uint32_t pointer, ContactEvent event, float x = 0.5F, float y = 1) {
        return {0, event, 0, pointer, x, y, 1};
    }
    static Changed finger(uint8_t number, bool active, uint16_t x = 32768, uint16_t y = 65535) {
        return {0, gamepad::Touch{number, active, x, y}};
    }

    std::vector<Changed> changes_;
    std::vector<gs::HostMessage> sent;
    gamepad::GamepadEvents kernel{Kind::Xbox360};
    ClientPads pads{{.event = [this](const auto& event) { add(kernel.of(event)); },
                     .rich = [this](const auto& input) { add(kernel.of(input)); },
                     .send = [this](const gs::HostMessage& message) { sent.push_back(message); }}};

  private:
    void add(const gamepad::GamepadEvents::Changes& more) { changes_.insert(changes_.end(), more.begin(), more.end()); }
};

}  // namespace

TEST_F(ClientPadsTest, AnArrivalBringsThePadThatCanMost) {
    struct Case {
        ControllerType type;
        uint16_t capabilities;
        Kind kind;
    };
    uint8_t controller = 0;
    for (const Case& c : {Case{ControllerType::PlayStation, 0, Kind::DualSense},
                          Case{ControllerType::Xbox, kAllCapabilities, Kind::Xbox360},
                          Case{ControllerType::Nintendo, gs::kCapGyro | gs::kCapAccelerometer, Kind::DualSense},
                          Case{ControllerType::Nintendo, gs::kCapRumble, Kind::Xbox360},
                          Case{ControllerType::Steam, gs::kCapTouchpad, Kind::DualSense},
                          Case{ControllerType::Unknown, gs::kCapAnalogTriggers, Kind::Xbox360}}) {
        EXPECT_THAT(changes(ControllerArrival{controller, c.type, c.capabilities, 0}),
                    ElementsAre(Changed{controller, Plug{c.kind}}, Changed{controller, State{}}));
        ++controller;
    }
    EXPECT_THAT(changes(ControllerArrival{0, ControllerType::PlayStation, 0, 0}), IsEmpty()) << "it is here already";
}

TEST_F(ClientPadsTest, MotionIsAskedForWhereBothEndsHaveIt) {
    const auto reports = [](uint16_t controller, gs::MotionType type) {
        return gs::HostMessage(gs::MotionReports{.controller = controller, .rate_hz = 100, .type = type});
    };
    pads.take(ControllerArrival{3, ControllerType::PlayStation, kAllCapabilities, 0});
    EXPECT_THAT(sent, ElementsAre(reports(3, gs::MotionType::Acceleration), reports(3, gs::MotionType::Gyro)));
    sent.clear();
    pads.take(ControllerArrival{4, ControllerType::Steam, gs::kCapGyro, 0});
    EXPECT_THAT(sent, ElementsAre(reports(4, gs::MotionType::Gyro)));
    sent.clear();
    pads.take(ControllerArrival{5, ControllerType::Xbox, kAllCapabilities, 0});
    EXPECT_THAT(sent, IsEmpty()) << "an Xbox pad has nothing to show it with";
}

TEST_F(ClientPadsTest, AStateBringsAPadThatDidNotArrive) {
    ControllerState all{.controller = 15,
                        .connected_mask = 1 << 15,
                        .buttons = gs::kPadSouth | gs::kPadUp | gs::kPadTouchpad,
                        .left_trigger = 1,
                        .right_trigger = 255,
                        .left_x = -32768,
                        .left_y = 32767,
                        .right_x = 1000,
                        .right_y = -1000};
    EXPECT_THAT(changes(all),
                ElementsAre(Changed{15, Plug{Kind::Xbox360}},
                            Changed{15, State{.buttons = gamepad::kA | gamepad::kDpadUp | gamepad::kTouchpadClick,
                                              .left_x = -32768,
                                              .left_y = 32767,
                                              .right_x = 1000,
                                              .right_y = -1000,
                                              .left_trigger = 1,
                                              .right_trigger = 255}}));
    EXPECT_THAT(changes(state(15)), ElementsAre(Changed{15, State{}}));
    for (int i = 0; i < 600; ++i)  // more than what counts them can count
        ASSERT_THAT(changes(state(15, gs::kPadEast)), ElementsAre(Changed{15, State{.buttons = gamepad::kB}}));
}

TEST_F(ClientPadsTest, AClearedBitTakesThePadAway) {
    (void)changes(state(2, gs::kPadSouth));
    EXPECT_THAT(changes(gone(2)), ElementsAre(Changed{2, Unplug{}}));
    EXPECT_THAT(changes(gone(2)), IsEmpty());
    EXPECT_THAT(changes(state(2)), ElementsAre(Changed{2, Plug{Kind::Xbox360}}, Changed{2, State{}}))
        << "another one of this number";
}

TEST_F(ClientPadsTest, TwoFingersOnTheTouchpad) {
    (void)changes(ControllerArrival{0, ControllerType::PlayStation, kAllCapabilities, 0});
    EXPECT_THAT(changes(touch(70, ContactEvent::Move)), IsEmpty()) << "it was never put down";
    EXPECT_THAT(changes(touch(70, ContactEvent::Down)), ElementsAre(finger(0, true)));
    EXPECT_THAT(changes(touch(71, ContactEvent::Down, 0, 0)), ElementsAre(finger(1, true, 0, 0)));
    EXPECT_THAT(changes(touch(72, ContactEvent::Down)), IsEmpty()) << "a third one";
    EXPECT_THAT(changes(touch(70, ContactEvent::Move, 1, 0)), ElementsAre(finger(0, true, 65535, 0)));
    EXPECT_THAT(changes(touch(70, ContactEvent::Up)), ElementsAre(finger(0, false)));
    EXPECT_THAT(changes(touch(70, ContactEvent::Move)), IsEmpty());
    EXPECT_THAT(changes(touch(72, ContactEvent::Down)), ElementsAre(finger(0, true))) << "there is room again";
    EXPECT_THAT(changes(touch(71, ContactEvent::Cancel)), ElementsAre(finger(1, false)));
    (void)changes(touch(80, ContactEvent::Down));
    EXPECT_THAT(changes(touch(999, ContactEvent::CancelAll)), ElementsAre(finger(0, false), finger(1, false)));
    for (const auto event : {ContactEvent::Hover, ContactEvent::ButtonOnly})
        EXPECT_THAT(changes(touch(1, event)), IsEmpty());
}

TEST_F(ClientPadsTest, MotionInThePadsOwnUnits) {
    (void)changes(ControllerArrival{0, ControllerType::PlayStation, kAllCapabilities, 0});
    EXPECT_THAT(changes(gs::ControllerMotion{0, gs::MotionType::Gyro, 1, -2, 3}),
                ElementsAre(Changed{0, gamepad::Motion{.gyro = {20, -40, 60}}}));
    EXPECT_THAT(changes(gs::ControllerMotion{0, gs::MotionType::Acceleration, 0, 9.80665F, -9.80665F}),
                ElementsAre(Changed{0, gamepad::Motion{.gyro = {20, -40, 60}, .acceleration = {0, 10000, -10000}}}))
        << "the two go together";
    EXPECT_THAT(
        changes(gs::ControllerMotion{0, gs::MotionType::Gyro, 1e9F, -1e9F, 0}),
        ElementsAre(Changed{0, gamepad::Motion{.gyro = {32767, -32768, 0}, .acceleration = {0, 10000, -10000}}}));
}

TEST_F(ClientPadsTest, WhatIsNotOfControllersIsNothing) {
    for (const gs::InputEvent& event :
         std::vector<gs::InputEvent>{gs::UnknownInput{}, gs::Key{}, gs::Text{U'x'}, gs::MouseMove{}, gs::Touch{},
                                     gs::ControllerBattery{0, gs::BatteryState::Full, 100}, gs::EnableHaptics{}})
        EXPECT_THAT(changes(event), IsEmpty());
    EXPECT_THAT(sent, IsEmpty());
}

TEST_F(ClientPadsTest, WhatGoesOnIsToldAgain) {
    const gs::HostMessage rumbling = gs::Rumble{.controller = 2, .low_frequency = 0x8000, .high_frequency = 1};
    const gs::HostMessage still = gs::Rumble{.controller = 2};
    EXPECT_THAT(messages(2, gamepad::Rumble{0x8000, 1}), ElementsAre(rumbling));
    EXPECT_THAT(messages(2, gamepad::Rumble{0x8000, 1}), ElementsAre(rumbling)) << "or clients end it after 30 s";
    EXPECT_THAT(messages(2, gamepad::Rumble{}), ElementsAre(still));
    EXPECT_THAT(messages(2, gamepad::Rumble{}), IsEmpty()) << "silence needs no repeat";
    EXPECT_THAT(messages(3, gamepad::Rumble{}), ElementsAre(gs::HostMessage(gs::Rumble{.controller = 3})));
}

TEST_F(ClientPadsTest, LightAndTriggers) {
    EXPECT_THAT(messages(1, gamepad::Lightbar{1, 2, 3}), ElementsAre(gs::HostMessage(gs::LedColour{1, 1, 2, 3})));
    EXPECT_THAT(messages(1, gamepad::PlayerLeds{0x15}), IsEmpty()) << "GameStream has no message for it";
    const gs::TriggerEffect effect{.type = 0x26, .parameters = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
    EXPECT_THAT(messages(1, gamepad::TriggerEffect{0, {0x26, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}),
                ElementsAre(gs::HostMessage(gs::AdaptiveTriggers{.controller = 1, .left = effect, .right = {}})));
    EXPECT_THAT(messages(1, gamepad::TriggerEffect{1, {0x26, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}),
                ElementsAre(gs::HostMessage(gs::AdaptiveTriggers{.controller = 1, .left = {}, .right = effect})));
}

TEST_F(ClientPadsTest, PadsThatStayWithoutTheirClientHoldNothing) {
    (void)changes(ControllerArrival{0, ControllerType::PlayStation, kAllCapabilities, 0});
    (void)changes(state(0, gs::kPadSouth));
    (void)changes(touch(70, ContactEvent::Down));
    (void)changes(state(4, gs::kPadEast));
    (void)messages(0, gamepad::Lightbar{1, 2, 3});
    (void)messages(0, gamepad::Rumble{1, 1});
    changes_.clear();
    pads.release();
    EXPECT_THAT(changes_, ElementsAre(finger(0, false, 0, 0), Changed{0, State{}}, Changed{4, State{}}));
    // It comes back without the fourth.
    changes_.clear();
    pads.keep_only(1);
    EXPECT_THAT(changes_, ElementsAre(Changed{4, Unplug{}}));
    sent.clear();
    EXPECT_THAT(changes(ControllerArrival{0, ControllerType::PlayStation, 0, 0}), IsEmpty()) << "it never went";
    EXPECT_THAT(sent, ElementsAre(gs::HostMessage(gs::LedColour{0, 1, 2, 3}))) << "its light is as it was";
    EXPECT_THAT(changes(state(0, gs::kPadEast)), ElementsAre(Changed{0, State{.buttons = gamepad::kB}}));
}

}  // namespace punktfunk::moonlight
