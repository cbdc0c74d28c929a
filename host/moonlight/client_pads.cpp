#include "client_pads.hpp"

#include <algorithm>
#include <cmath>

namespace punktfunk::moonlight {

namespace gs = gs_control;

namespace {

constexpr uint32_t kXbox360 = 1, kDualSense = 2;  // punktfunk/1 spec §11.5
constexpr uint16_t kMotionHz = 100;
constexpr float kGyroSteps = 20, kAccelerationSteps = 10'000 / 9.80665F;  // a degree per second, a m/s^2
constexpr uint16_t kHasMotion = gs::kCapAccelerometer | gs::kCapGyro;

int16_t steps(float value, float each) {
    return static_cast<int16_t>(std::clamp(std::lround(value * each), -32768L, 32767L));
}

uint16_t across(float part) {
    return static_cast<uint16_t>(std::lround(part * 65535));
}

// What has a touchpad or motion sensors becomes the pad that has them too, unless it is an Xbox pad to its user.
uint32_t pad_type(const gs::ControllerArrival& arrival) {
    if (arrival.type == gs::ControllerType::PlayStation) return kDualSense;
    if (arrival.type == gs::ControllerType::Xbox) return kXbox360;
    return (arrival.capabilities & (kHasMotion | gs::kCapTouchpad)) != 0 ? kDualSense : kXbox360;
}

}  // namespace

void ClientPads::take(const gs::InputEvent& event) {
    if (const auto* arrival = std::get_if<gs::ControllerArrival>(&event)) return on(*arrival);
    if (const auto* state = std::get_if<gs::ControllerState>(&event)) return on(*state);
    if (const auto* touch = std::get_if<gs::ControllerTouch>(&event)) return on(*touch);
    if (const auto* motion = std::get_if<gs::ControllerMotion>(&event)) return on(*motion);
}

void ClientPads::on(const gs::ControllerArrival& arrival) {
    Pad& pad = pads_[arrival.controller];
    const uint32_t type = pad_type(arrival);
    pad.connected = true;
    outlets_.event(wire::to_event(wire::GamepadArrival{arrival.controller, type, 0}));
    // A pad that has been here before still shows what a game asked it to.
    if (pad.light) tell(arrival.controller, gamepad::Feedback(*pad.light));
    if (type != kDualSense) return;
    // The kernel's DualSense reports motion all the time, so it is asked for all the time.
    for (const auto& [capability, kind] : {std::pair{gs::kCapAccelerometer, gs::MotionType::Acceleration},
                                           std::pair{gs::kCapGyro, gs::MotionType::Gyro}}) {
        if ((arrival.capabilities & capability) != 0)
            outlets_.send(gs::MotionReports{.controller = arrival.controller, .rate_hz = kMotionHz, .type = kind});
    }
}

void ClientPads::on(const gs::ControllerState& state) {
    if (!state.connected()) return remove(state.controller);
    Pad& pad = pads_[state.controller];
    pad.connected = true;
    outlets_.event(wire::to_event(wire::GamepadState{.pad = state.controller,
                                                     .seq = ++pad.seq,
                                                     .buttons = state.buttons,
                                                     .left_x = state.left_x,
                                                     .left_y = state.left_y,
                                                     .right_x = state.right_x,
                                                     .right_y = state.right_y,
                                                     .left_trigger = state.left_trigger,
                                                     .right_trigger = state.right_trigger}));
}

void ClientPads::remove(uint8_t index) {
    Pad& pad = pads_[index];
    outlets_.event(wire::to_event(wire::GamepadRemove{index, ++pad.seq}));
    pad = {.connected = false, .seq = pad.seq, .motion = {}, .fingers = {}, .rumble = {}, .light = {}};
}

void ClientPads::release() {
    for (uint8_t index = 0; index < pads_.size(); ++index) {
        Pad& pad = pads_[index];
        if (!pad.connected) continue;
        for (size_t finger = 0; finger < pad.fingers.size(); ++finger) lift(index, finger, 0, 0);
        outlets_.event(wire::to_event(wire::GamepadState{.pad = index, .seq = ++pad.seq}));
        pad.rumble.reset();
    }
}

void ClientPads::keep_only(uint32_t connected) {
    for (uint8_t index = 0; index < pads_.size(); ++index) {
        if (pads_[index].connected && (connected >> index & 1) == 0) remove(index);
    }
}

void ClientPads::lift(uint8_t pad, size_t finger, float x, float y) {
    if (!pads_[pad].fingers[finger]) return;
    pads_[pad].fingers[finger].reset();
    outlets_.rich(wire::Touchpad{pad, static_cast<uint8_t>(finger), false, across(x), across(y)});
}

void ClientPads::on(const gs::ControllerTouch& touch) {
    using enum gs::ContactEvent;
    Pad& pad = pads_[touch.controller];
    if (touch.event == CancelAll) {
        for (size_t finger = 0; finger < pad.fingers.size(); ++finger) lift(touch.controller, finger, touch.x, touch.y);
        return;
    }
    auto found = std::ranges::find(pad.fingers, std::optional(touch.pointer_id));
    if (found == pad.fingers.end() && touch.event == Down) {
        found = std::ranges::find_if(pad.fingers, [](const auto& finger) { return !finger; });
        if (found != pad.fingers.end()) *found = touch.pointer_id;
    }
    if (found == pad.fingers.end()) return;  // a third finger, or one that was never put down
    const auto finger = static_cast<uint8_t>(found - pad.fingers.begin());
    if (touch.event == Down || touch.event == Move)
        outlets_.rich(wire::Touchpad{touch.controller, finger, true, across(touch.x), across(touch.y)});
    if (touch.event == Up || touch.event == Cancel || touch.event == HoverLeave)
        lift(touch.controller, finger, touch.x, touch.y);
}

void ClientPads::on(const gs::ControllerMotion& motion) {
    Pad& pad = pads_[motion.controller];
    const bool gyro = motion.type == gs::MotionType::Gyro;
    const float each = gyro ? kGyroSteps : kAccelerationSteps;
    (gyro ? pad.motion.gyro : pad.motion.accel) = {steps(motion.x, each), steps(motion.y, each), steps(motion.z, each)};
    pad.motion.pad = motion.controller;
    outlets_.rich(pad.motion);
}

void ClientPads::tell(uint8_t index, const gamepad::Feedback& feedback) {
    Pad& pad = pads_[index];
    if (const auto* rumble = std::get_if<gamepad::Rumble>(&feedback)) {
        // What goes on is told again every half second, or clients end it after 30 s; silence needs no repeat, ENet
        // loses nothing.
        if (*rumble == gamepad::Rumble{} && pad.rumble == *rumble) return;
        pad.rumble = *rumble;
        outlets_.send(gs::Rumble{.controller = index, .low_frequency = rumble->low, .high_frequency = rumble->high});
    } else if (const auto* light = std::get_if<gamepad::Lightbar>(&feedback)) {
        pad.light = *light;
        outlets_.send(gs::LedColour{.controller = index, .red = light->r, .green = light->g, .blue = light->b});
    } else if (const auto* trigger = std::get_if<gamepad::TriggerEffect>(&feedback)) {
        gs::TriggerEffect effect{.type = trigger->effect[0], .parameters = {}};
        std::copy_n(trigger->effect.begin() + 1, effect.parameters.size(), effect.parameters.begin());
        gs::AdaptiveTriggers message{.controller = index, .left = {}, .right = {}};
        (trigger->which == 0 ? message.left : message.right) = effect;
        outlets_.send(message);
    }
}

}  // namespace punktfunk::moonlight
