#include "punktfunk/gs_control/input.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/gs_control/channels.hpp"
#include "punktfunk/gs_control/wire_event.hpp"

namespace punktfunk::gs_control {
namespace {

using nlohmann::json;

const json& input_vectors() {
    static const auto document = json::parse(std::ifstream(PUNKTFUNK_VECTORS "/gamestream-vectors.json"));
    return document.at("input_packets").at("packets");
}

Result<InputEvent> decode(Bytes packet) {
    ByteView view(packet);
    return take_input(view);
}

// What the captured client was told to do, in the vectors' order.
const std::vector<InputEvent> kCaptured{
    EnableHaptics{},
    MouseMove{1, 1},
    MouseMove{-1, -1},
    Key{.down = true, .virtual_key = 0x41},
    Key{.down = true, .virtual_key = 0xA0, .layout_specific = true, .modifiers = kModifierShift},
    Key{.down = false, .virtual_key = 0x41},
    Text{U'h'},
    Text{U'é'},
    Text{U'€'},
    MouseMove{-5, 300},
    MousePosition{640, 360, 1279, 719},
    MouseButton{true, Button::Left},
    MouseButton{false, Button::Left},
    MouseButton{true, Button::Forward},
    Scroll{false, -240},
    Scroll{false, 120},
    Scroll{true, 120},
    Touch{7, {ContactEvent::Down, .25f, .5f, .75f, .01f, .02f, 90}},
    Touch{7, {ContactEvent::Move, .26f, .5f, .75f, .01f, .02f}},
    Touch{7, {ContactEvent::Up, .26f, .5f}},
    Pen{PenTool::Pen, kPenPrimary, {ContactEvent::Down, .125f, .5f, 1, 0, 0, 45}, 30},
    ControllerArrival{0, ControllerType::PlayStation, 0x1FF, 0x3FF7FF},
    ControllerState{.connected_mask = 1},
    ControllerState{.connected_mask = 1,
                    .buttons = kPadSouth | kPadUp | kPadPaddle1 | kPadTouchpad,
                    .left_trigger = 0x40,
                    .right_trigger = 0xFF,
                    .left_x = -32768,
                    .left_y = 32767,
                    .right_x = 1000,
                    .right_y = -1000},
    ControllerTouch{0, ContactEvent::Down, 1, 3, .5f, .25f, 1},
    ControllerMotion{0, MotionType::Acceleration, .5f, 9.80665f, -.25f},
    ControllerMotion{0, MotionType::Gyro, 10, 20, 30},
    ControllerBattery{0, BatteryState::Charging, 77},
    ControllerState{},
};

TEST(Vectors, EveryCapturedInputPacket) {
    ASSERT_EQ(input_vectors().size(), kCaptured.size());
    Bytes batch;
    for (size_t i = 0; i < kCaptured.size(); ++i) {
        const auto description = input_vectors()[i].at("description").get<std::string>();
        SCOPED_TRACE(description);
        Bytes packet = *from_hex(input_vectors()[i].at("payload").get<std::string>());
        batch.insert(batch.end(), packet.begin(), packet.end());
        const auto event = decode(packet);
        ASSERT_TRUE(event) << event.error().message;
        EXPECT_EQ(*event, kCaptured[i]);
        if (description.find("no 0x8000 bit") != std::string::npos) packet[10] = 0x80;
        EXPECT_EQ(to_hex(encode_input(kCaptured[i])), to_hex(packet));
        const Route route{input_vectors()[i].at("channel"),
                          Delivery{input_vectors()[i].at("enet_flags").get<uint8_t>()}};
        EXPECT_EQ(route_of(kCaptured[i]), route);
    }
    ByteView rest(batch);
    for (const InputEvent& expected : kCaptured) EXPECT_EQ(take_input(rest), expected);
    EXPECT_TRUE(rest.empty());
}

TEST(Input, CutOffPacketsAreRefused) {
    for (const auto& one : input_vectors()) {
        const Bytes packet = *from_hex(one.at("payload").get<std::string>());
        for (size_t length = 0; length < packet.size(); ++length) {
            Bytes cut(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(length));
            EXPECT_EQ(decode(cut).error().code, ErrorCode::ProtocolViolation);
            if (length < 8) continue;
            // The same, with a size that is true.
            store_be<uint32_t>(cut.data(), static_cast<uint32_t>(length - 4));
            const auto event = decode(cut);
            EXPECT_FALSE(event) << one.at("description") << " at " << length;
        }
    }
    ByteView none;
    EXPECT_FALSE(take_input(none));
}

TEST(Input, AnErrorEndsTheBatch) {
    Bytes batch = encode_input(MouseMove{1, 2});
    const Bytes bad = *from_hex("000000080500000000000000");
    batch.insert(batch.end(), bad.begin(), bad.end());
    batch.insert(batch.end(), bad.begin(), bad.end());
    ByteView rest(batch);
    EXPECT_TRUE(take_input(rest));
    EXPECT_FALSE(take_input(rest));
    EXPECT_TRUE(rest.empty());
}

TEST(Input, UnknownKindsAreSkipped) {
    for (const char* hex : {
             "000000087856341200000000",                                                  // kind
             "000000050800000000", "000000050800000006",                                  // buttons 0 and 6
             "0000001406000055000300000000003f0ae81c41000080be",                          // a third motion type
             "0000001406000055000000000000003f0ae81c41000080be",                          // and none
             "000000080700005500064d00",                                                  // battery state
             "00000020020000550800ffff07000000b81e853e0000003f0000403f0ad7233c0ad7a33c",  // contact event
         }) {
        const auto event = decode(*from_hex(hex));
        ASSERT_TRUE(event) << hex;
        EXPECT_TRUE(std::holds_alternative<UnknownInput>(*event)) << hex;
    }
}

TEST(Input, NothingOutOfRangeComesOut) {
    const auto refused = [](const InputEvent& event) {
        const auto decoded = decode(encode_input(event));
        return !decoded && decoded.error().code == ErrorCode::ProtocolViolation;
    };
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    for (const float bad : {nan, infinity, -infinity}) {
        EXPECT_TRUE(refused(Touch{.contact = {.x = bad}}));
        EXPECT_TRUE(refused(Pen{.contact = {.minor = bad}}));
        EXPECT_TRUE(refused(ControllerMotion{.type = MotionType::Gyro, .z = bad}));
        EXPECT_TRUE(refused(ControllerTouch{.y = bad}));
    }
    EXPECT_TRUE(refused(ControllerState{.controller = 16}));
    EXPECT_TRUE(refused(ControllerArrival{.controller = 200}));
    EXPECT_TRUE(refused(ControllerBattery{.controller = 16}));
    EXPECT_TRUE(refused(ControllerMotion{.controller = 16, .type = MotionType::Gyro}));
    EXPECT_TRUE(refused(ControllerTouch{.controller = 16}));
    EXPECT_TRUE(refused(MousePosition{1, 1, 0, 719}));
    EXPECT_TRUE(refused(Text{0xD800}));
    EXPECT_TRUE(refused(Text{0x110000}));
    EXPECT_FALSE(decode(*from_hex("0000000617000000c3c3")));
    EXPECT_FALSE(decode(*from_hex("00000006170000006162")));  // two characters

    EXPECT_EQ(decode(encode_input(MousePosition{2000, 1, 1279, 719})), InputEvent(MousePosition{1279, 1, 1279, 719}));
    const auto touch = std::get<Touch>(*decode(encode_input(Touch{.contact = {.x = -3, .y = 7, .rotation = 361}})));
    EXPECT_EQ(touch.contact.x, 0);
    EXPECT_EQ(touch.contact.y, 1);
    EXPECT_EQ(touch.contact.rotation, std::nullopt);
    EXPECT_EQ(std::get<Pen>(*decode(encode_input(Pen{.tilt = 91}))).tilt, std::nullopt);
    EXPECT_EQ(std::get<ControllerBattery>(*decode(encode_input(ControllerBattery{.percent = 101}))).percent,
              std::nullopt);
    EXPECT_EQ(std::get<ControllerArrival>(*decode(encode_input(ControllerArrival{.type = ControllerType{9}}))).type,
              ControllerType::Unknown);
}

TEST(Input, EveryScalarSurvives) {
    EXPECT_TRUE(rc::check("as text", [] {
        const auto scalar = *rc::gen::inRange<uint32_t>(0, 0x110000);
        const auto event = decode(encode_input(Text{scalar}));
        if (scalar >= 0xD800 && scalar <= 0xDFFF) {
            RC_ASSERT(!event);
        } else {
            RC_ASSERT(event && std::get<Text>(*event).scalar == scalar);
        }
    }));
}

TEST(Channels, WhatHasNoVector) {
    EXPECT_EQ(route_of(InputEvent{ControllerMotion{3, MotionType::Gyro, 0, 0, 0}}), (Route{0x23, Delivery::Reliable}));
    EXPECT_EQ(route_of(InputEvent{ControllerTouch{2, ContactEvent::Move}}),
              (Route{0x12, Delivery::UnreliableSequenced}));
    EXPECT_EQ(route_of(ClientMessage{InvalidateFrames{1, 2}}), (Route{1, Delivery::Reliable}));
    EXPECT_EQ(route_of(ClientMessage{FrameFecStatus{}}), (Route{0, Delivery::Unsequenced}));
    EXPECT_EQ(route_of(ClientMessage{KeepAlive{}}), Route{});
}

TEST(WireEvent, KeyboardAndMouseAreTheSame) {
    using wire::InputKind;
    const auto expect = [](const InputEvent& event, const wire::InputEvent& expected) {
        EXPECT_EQ(to_wire_event(event), expected);
    };
    expect(Key{.down = true, .virtual_key = 0x41, .modifiers = 1}, {.kind = InputKind::KeyDown, .code = 0x41});
    expect(Key{.virtual_key = 0x5B}, {.kind = InputKind::KeyUp, .code = 0x5B});
    expect(Text{U'€'}, {.kind = InputKind::TextInput, .code = 0x20AC});
    expect(MouseMove{-5, 300}, {.kind = InputKind::MouseMove, .x = -5, .y = 300});
    expect(MousePosition{640, 360, 1279, 719},
           {.kind = InputKind::MouseMoveAbs, .x = 640, .y = 360, .flags = 1279u << 16 | 719});
    expect(MouseButton{true, Button::Right}, {.kind = InputKind::MouseButtonDown, .code = 3});
    expect(MouseButton{false, Button::Back}, {.kind = InputKind::MouseButtonUp, .code = 4});
    expect(Scroll{false, -240}, {.kind = InputKind::MouseScroll, .code = 0, .x = -240});
    expect(Scroll{true, 120}, {.kind = InputKind::MouseScroll, .code = 1, .x = 120});
    EXPECT_EQ(to_wire_event(ControllerState{}), std::nullopt);
    EXPECT_EQ(to_wire_event(UnknownInput{}), std::nullopt);
}

}  // namespace
}  // namespace punktfunk::gs_control
