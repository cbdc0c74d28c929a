#include "punktfunk/gs_control/channels.hpp"

namespace punktfunk::gs_control {
namespace {

enum Channel : uint8_t {
    kGeneric = 0x00,
    kUrgent = 0x01,
    kKeyboard = 0x02,
    kMouse = 0x03,
    kPen = 0x04,
    kTouch = 0x05,
    kText = 0x06,
    kController = 0x10,
    kMotion = 0x20,
};

// What the next one of the same kind makes good need not arrive.
Delivery of_contact(ContactEvent event) {
    return event == ContactEvent::Hover || event == ContactEvent::Move ? Delivery::UnreliableSequenced
                                                                       : Delivery::Reliable;
}

struct InputRoute {
    Route operator()(const UnknownInput&) const { return {kGeneric}; }
    Route operator()(const EnableHaptics&) const { return {kGeneric}; }
    Route operator()(const Key&) const { return {kKeyboard}; }
    Route operator()(const Text&) const { return {kText}; }
    Route operator()(const MouseMove&) const { return {kMouse}; }
    Route operator()(const MousePosition&) const { return {kMouse}; }
    Route operator()(const MouseButton&) const { return {kMouse}; }
    Route operator()(const Scroll&) const { return {kMouse}; }
    Route operator()(const Touch& touch) const { return {kTouch, of_contact(touch.contact.event)}; }
    Route operator()(const Pen& pen) const { return {kPen, of_contact(pen.contact.event)}; }
    Route operator()(const ControllerState& state) const { return controller(state.controller); }
    Route operator()(const ControllerArrival& arrival) const { return controller(arrival.controller); }
    Route operator()(const ControllerBattery& battery) const { return controller(battery.controller); }
    Route operator()(const ControllerTouch& touch) const {
        return {controller(touch.controller).channel, of_contact(touch.event)};
    }
    Route operator()(const ControllerMotion& motion) const {
        // A gyro that has come to rest sends nothing after this one.
        const bool rest = motion.type == MotionType::Gyro && motion.x == 0 && motion.y == 0 && motion.z == 0;
        return {static_cast<uint8_t>(kMotion + motion.controller),
                rest ? Delivery::Reliable : Delivery::UnreliableSequenced};
    }
    static Route controller(uint8_t number) { return {static_cast<uint8_t>(kController + number)}; }
};

struct MessageRoute {
    Route operator()(const RequestIdr&) const { return {kUrgent}; }
    Route operator()(const InvalidateFrames&) const { return {kUrgent}; }
    Route operator()(const AcknowledgeFrame&) const { return {kUrgent}; }
    Route operator()(const FrameFecStatus&) const { return {kGeneric, Delivery::Unsequenced}; }
    template <typename Other>
    Route operator()(const Other&) const {
        return {kGeneric};
    }
};

}  // namespace

Route route_of(const InputEvent& event) {
    return std::visit(InputRoute{}, event);
}

Route route_of(const ClientMessage& message) {
    return std::visit(MessageRoute{}, message);
}

}  // namespace punktfunk::gs_control
