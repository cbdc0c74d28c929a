// Input packets, several in one message: what comes out is in range, and the same after being encoded and decoded.
#include <cmath>

#include "punktfunk/gs_control/input.hpp"
#include "punktfunk/gs_control/wire_event.hpp"
#include "require.hpp"

using namespace punktfunk;
using namespace punktfunk::gs_control;

namespace {

bool is_part(float value) {
    return value >= 0 && value <= 1;
}

struct InRange {
    bool operator()(const Contact& at) const {
        return is_part(at.x) && is_part(at.y) && is_part(at.pressure) && is_part(at.major) && is_part(at.minor) &&
               at.rotation.value_or(0) <= 360 && at.event <= ContactEvent::CancelAll;
    }
    bool operator()(const Touch& touch) const { return (*this)(touch.contact); }
    bool operator()(const Pen& pen) const { return (*this)(pen.contact) && pen.tilt.value_or(0) <= 90; }
    bool operator()(const Text& text) const { return text.scalar <= 0x10FFFF; }
    bool operator()(const MouseButton& button) const {
        return button.button >= Button::Left && button.button <= Button::Forward;
    }
    bool operator()(const MousePosition& at) const {
        return at.width > 0 && at.height > 0 && at.x <= at.width && at.y <= at.height;
    }
    bool operator()(const ControllerState& state) const { return state.controller < 16; }
    bool operator()(const ControllerArrival& arrival) const { return arrival.controller < 16; }
    bool operator()(const ControllerTouch& touch) const {
        return touch.controller < 16 && touch.touchpad < 2 && is_part(touch.x) && is_part(touch.y) &&
               is_part(touch.pressure);
    }
    bool operator()(const ControllerMotion& motion) const {
        return motion.controller < 16 && std::isfinite(motion.x) && std::isfinite(motion.y) && std::isfinite(motion.z);
    }
    bool operator()(const ControllerBattery& battery) const {
        return battery.controller < 16 && battery.percent.value_or(0) <= 100;
    }
    template <typename Other>
    bool operator()(const Other&) const {
        return true;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    ByteView rest(data, size);
    while (!rest.empty()) {
        const size_t before = rest.size();
        const auto event = take_input(rest);
        REQUIRE(rest.size() < before);
        if (!event) {
            REQUIRE(rest.empty());
            break;
        }
        REQUIRE(std::visit(InRange{}, *event));
        (void)to_wire_event(*event);
        if (std::holds_alternative<UnknownInput>(*event)) continue;
        const Bytes bytes = encode_input(*event);
        ByteView again(bytes);
        REQUIRE(take_input(again) == *event && again.empty());
    }
    return 0;
}
