// Every input message of a client that is not of a controller, and the event on the desktop that it becomes.
#include "client_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

#include "punktfunk/input/virtual_keys.hpp"

namespace punktfunk::moonlight {

using gs_control::Contact;
using gs_control::ContactEvent;
using gs_control::Key;
using gs_control::Pen;
using gs_control::Touch;
using testing::ElementsAre;
using testing::IsEmpty;
using wire::InputEvent;
using enum wire::InputKind;

namespace {

constexpr uint8_t kLeftShift = 0xA0, kRightShift = 0xA1, kLeftControl = 0xA2;
constexpr uint32_t kWhole = 0x8000u << 16 | 0x8000;  // what positions in parts of the picture are counted in
constexpr uint32_t kLeftButton = 1, kMiddleButton = 2, kRightButton = 3;

struct ClientInputTest : testing::Test {
    std::vector<InputEvent> events(const gs_control::InputEvent& event) {
        seen_.clear();
        input_.take(event);
        return seen_;
    }
    static InputEvent key(bool down, uint32_t code) { return {.kind = down ? KeyDown : KeyUp, .code = code}; }
    static InputEvent button(bool down, uint32_t code) {
        return {.kind = down ? MouseButtonDown : MouseButtonUp, .code = code};
    }
    static InputEvent at(wire::InputKind kind, uint32_t code, int32_t x, int32_t y) {
        return {.kind = kind, .code = code, .x = x, .y = y, .flags = kWhole};
    }
    static Touch touch(uint32_t finger, ContactEvent event, float x = 0.5F, float y = 0.25F) {
        return {finger, {.event = event, .x = x, .y = y, .rotation = {}}};
    }
    static Pen pen(ContactEvent event, uint8_t buttons = 0, float x = 0.5F) {
        return {gs_control::PenTool::Pen, buttons, {.event = event, .x = x, .y = 0.25F, .rotation = {}}, {}};
    }
    const InputEvent pen_there = at(MouseMoveAbs, 0, 0x4000, 0x2000);

  private:
    std::vector<InputEvent> seen_;
    ClientInput input_{[this](const InputEvent& event) { seen_.push_back(event); }};
};

}  // namespace

TEST_F(ClientInputTest, KeysAreTheirVirtualKeys) {
    EXPECT_THAT(events(Key{.down = true, .virtual_key = 'A'}), ElementsAre(key(true, 'A')));
    EXPECT_THAT(events(Key{.down = false, .virtual_key = 'A'}), ElementsAre(key(false, 'A')));
    EXPECT_THAT(events(Key{.down = true, .virtual_key = 0x6C}), ElementsAre(key(true, input::kKeypadComma)));
}

TEST_F(ClientInputTest, JapaneseKeysAreTheirOwn) {
    for (const bool down : {true, false}) {
        EXPECT_THAT(events(Key{.down = down, .virtual_key = 0xE2, .layout_specific = true}),
                    ElementsAre(key(down, input::kJisRo)));
        EXPECT_THAT(events(Key{.down = down, .virtual_key = 0xDC, .layout_specific = true}),
                    ElementsAre(key(down, input::kJisYen)));
        EXPECT_THAT(events(Key{.down = down, .virtual_key = 'A', .layout_specific = true}),
                    ElementsAre(key(down, 'A')));
        EXPECT_THAT(events(Key{.down = down, .virtual_key = 0xDC}), ElementsAre(key(down, 0xDC)));
    }
}

TEST_F(ClientInputTest, AModifierThatWasMissedIsPressedAroundTheKey) {
    using namespace gs_control;
    EXPECT_THAT(events(Key{.down = true, .virtual_key = 'A', .modifiers = kModifierShift | kModifierControl}),
                ElementsAre(key(true, kLeftShift), key(true, kLeftControl), key(true, 'A'), key(false, kLeftShift),
                            key(false, kLeftControl)));
    EXPECT_THAT(events(Key{.down = true, .virtual_key = 'A', .modifiers = kModifierAlt | kModifierMeta}),
                ElementsAre(key(true, 0xA4), key(true, 0x5B), key(true, 'A'), key(false, 0xA4), key(false, 0x5B)));
    EXPECT_THAT(events(Key{.down = false, .virtual_key = 'A', .modifiers = kModifierShift}),
                ElementsAre(key(false, 'A')))
        << "a release needs none";
}

TEST_F(ClientInputTest, AModifierThatIsHeldIsLeftAlone) {
    using gs_control::kModifierShift;
    EXPECT_THAT(events(Key{.down = true, .virtual_key = kRightShift, .modifiers = kModifierShift}),
                ElementsAre(key(true, kRightShift)));
    EXPECT_THAT(events(Key{.down = true, .virtual_key = 'A', .modifiers = kModifierShift}),
                ElementsAre(key(true, 'A')));
    // The other one comes and goes: this one is still held.
    (void)events(Key{.down = true, .virtual_key = kLeftShift, .modifiers = kModifierShift});
    (void)events(Key{.down = false, .virtual_key = kLeftShift, .modifiers = kModifierShift});
    EXPECT_THAT(events(Key{.down = true, .virtual_key = 'B', .modifiers = kModifierShift}),
                ElementsAre(key(true, 'B')));
    (void)events(Key{.down = false, .virtual_key = kRightShift});
    EXPECT_THAT(events(Key{.down = true, .virtual_key = 'C', .modifiers = kModifierShift}),
                ElementsAre(key(true, kLeftShift), key(true, 'C'), key(false, kLeftShift)));
}

TEST_F(ClientInputTest, MouseAndText) {
    using namespace gs_control;
    EXPECT_THAT(events(gs_control::MouseMove{-5, 300}),
                ElementsAre(InputEvent{.kind = wire::InputKind::MouseMove, .x = -5, .y = 300}));
    EXPECT_THAT(events(MousePosition{640, 360, 1279, 719}),
                ElementsAre(InputEvent{.kind = MouseMoveAbs, .x = 640, .y = 360, .flags = 1279u << 16 | 719}));
    uint32_t code = 1;
    for (const Button which : {Button::Left, Button::Middle, Button::Right, Button::Back, Button::Forward}) {
        EXPECT_THAT(events(MouseButton{true, which}), ElementsAre(button(true, code)));
        EXPECT_THAT(events(MouseButton{false, which}), ElementsAre(button(false, code)));
        ++code;
    }
    EXPECT_THAT(events(Scroll{false, -240}), ElementsAre(InputEvent{.kind = MouseScroll, .code = 0, .x = -240}));
    EXPECT_THAT(events(Scroll{true, 120}), ElementsAre(InputEvent{.kind = MouseScroll, .code = 1, .x = 120}));
    EXPECT_THAT(events(Text{U'€'}), ElementsAre(InputEvent{.kind = TextInput, .code = 0x20AC}));
}

TEST_F(ClientInputTest, FingersComeMoveAndGo) {
    EXPECT_THAT(events(touch(7, ContactEvent::Move)), IsEmpty()) << "it is not down";
    EXPECT_THAT(events(touch(7, ContactEvent::Down)), ElementsAre(at(TouchDown, 7, 0x4000, 0x2000)));
    EXPECT_THAT(events(touch(7, ContactEvent::Move, 1, 1)), ElementsAre(at(TouchMove, 7, 0x8000, 0x8000)));
    EXPECT_THAT(events(touch(7, ContactEvent::Up, 0, 0)), ElementsAre(at(TouchUp, 7, 0, 0)));
    EXPECT_THAT(events(touch(7, ContactEvent::Up)), IsEmpty());
    (void)events(touch(8, ContactEvent::Down));
    EXPECT_THAT(events(touch(8, ContactEvent::Cancel)), ElementsAre(at(TouchUp, 8, 0x4000, 0x2000)));
    (void)events(touch(9, ContactEvent::Down));
    (void)events(touch(3, ContactEvent::Down));
    EXPECT_THAT(events(touch(12345, ContactEvent::CancelAll, 0, 0)),
                ElementsAre(at(TouchUp, 3, 0, 0), at(TouchUp, 9, 0, 0)));
    for (const auto event : {ContactEvent::Hover, ContactEvent::ButtonOnly, ContactEvent::HoverLeave})
        EXPECT_THAT(events(touch(1, event)), IsEmpty());
}

TEST_F(ClientInputTest, MoreFingersThanHandsHaveAreNotTaken) {
    for (uint32_t finger = 0; finger < 32; ++finger)
        ASSERT_EQ(events(touch(finger, ContactEvent::Down)).size(), 1u) << finger;
    EXPECT_THAT(events(touch(32, ContactEvent::Down)), IsEmpty());
    EXPECT_EQ(events(touch(0, ContactEvent::CancelAll)).size(), 32u);
    EXPECT_EQ(events(touch(32, ContactEvent::Down)).size(), 1u);
}

TEST_F(ClientInputTest, APenIsThePointer) {
    EXPECT_THAT(events(pen(ContactEvent::Hover)), ElementsAre(pen_there));
    EXPECT_THAT(events(pen(ContactEvent::Down)), ElementsAre(pen_there, button(true, kLeftButton)));
    EXPECT_THAT(events(pen(ContactEvent::Move)), ElementsAre(pen_there));
    EXPECT_THAT(events(pen(ContactEvent::Up)), ElementsAre(pen_there, button(false, kLeftButton)));
    EXPECT_THAT(events(pen(ContactEvent::HoverLeave)), IsEmpty());
}

TEST_F(ClientInputTest, APensButtonsAreThePointersOthers) {
    using namespace gs_control;
    EXPECT_THAT(events(pen(ContactEvent::ButtonOnly, kPenPrimary)), ElementsAre(pen_there, button(true, kRightButton)));
    EXPECT_THAT(events(pen(ContactEvent::Hover, kPenPrimary | kPenSecondary)),
                ElementsAre(pen_there, button(true, kMiddleButton)));
    EXPECT_THAT(events(pen(ContactEvent::Hover, kPenSecondary | kPenTertiary)),
                ElementsAre(pen_there, button(false, kRightButton)));
    (void)events(pen(ContactEvent::Down, kPenSecondary));
    for (const auto leaving : {ContactEvent::Cancel, ContactEvent::CancelAll, ContactEvent::HoverLeave}) {
        EXPECT_THAT(events(pen(leaving)), ElementsAre(button(false, kLeftButton), button(false, kMiddleButton)));
        (void)events(pen(ContactEvent::Down, kPenSecondary));
    }
}

TEST_F(ClientInputTest, WhatIsOfControllersOrUnknownIsNothing) {
    using namespace gs_control;
    for (const gs_control::InputEvent& event :
         std::vector<gs_control::InputEvent>{UnknownInput{}, ControllerState{}, ControllerArrival{}, ControllerTouch{},
                                             ControllerMotion{}, ControllerBattery{}, EnableHaptics{}})
        EXPECT_THAT(events(event), IsEmpty());
}

// Whatever a client says: what is up was down, and the modifiers that are made up are let go again.
TEST(ClientInput, WhatItPressesForAKeyItReleases) {
    EXPECT_TRUE(rc::check([] {
        std::set<uint32_t> held, said;
        ClientInput input([&](const InputEvent& event) {
            if (event.kind == KeyDown) held.insert(event.code);
            if (event.kind == KeyUp) held.erase(event.code);
        });
        for (const auto& [code, down] : *rc::gen::arbitrary<std::vector<std::pair<uint8_t, bool>>>()) {
            const auto key = static_cast<uint8_t>(code % 2 == 0 ? 0xA0 + code % 12 / 2 : 'A' + code % 5);
            const auto modifiers = *rc::gen::inRange<uint8_t>(0, 16);
            input.take(Key{.down = down, .virtual_key = key, .modifiers = modifiers});
            if (down) {
                said.insert(key);
            } else {
                said.erase(key);
            }
            RC_ASSERT(held == said);
        }
    }));
}

}  // namespace punktfunk::moonlight
