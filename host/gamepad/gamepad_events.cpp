#include "punktfunk/gamepad/gamepad_events.hpp"

#include <algorithm>
#include <utility>

namespace punktfunk::gamepad {

namespace {

// §11.5's ids. What has a touchpad and motion sensors becomes the pad that has them too.
std::optional<Kind> kind_of(uint32_t type) {
    constexpr uint32_t kXbox360 = 1, kDualSense = 2, kDualShock4 = 4, kDualSenseEdge = 7, kLast = 11;
    if (type == kDualSense || type == kDualShock4 || type == kDualSenseEdge) return Kind::DualSense;
    if (type >= kXbox360 && type <= kLast) return Kind::Xbox360;
    return std::nullopt;
}

// False for an axis there is none of.
bool set_axis(State& state, uint32_t axis, int32_t value) {
    const auto stick = static_cast<int16_t>(std::clamp(value, -32768, 32767));
    const auto trigger = static_cast<uint8_t>(std::clamp(value, 0, 255));
    switch (axis) {
        case 0:
            state.left_x = stick;
            return true;
        case 1:
            state.left_y = stick;
            return true;
        case 2:
            state.right_x = stick;
            return true;
        case 3:
            state.right_y = stick;
            return true;
        case 4:
            state.left_trigger = trigger;
            return true;
        case 5:
            state.right_trigger = trigger;
            return true;
        default:
            return false;
    }
}

}  // namespace

bool GamepadEvents::overtaken(const Pad& pad, uint8_t seq) {
    return pad.newest_seq && static_cast<int8_t>(seq - *pad.newest_seq) <= 0;
}

GamepadEvents::Changes GamepadEvents::changed(uint8_t index, const State& state) {
    Pad& pad = pads_[index];
    Changes changes;
    if (!pad.plugged) {
        pad.plugged = pad.was.value_or(kind_);
        changes.push_back({index, Plug{*pad.plugged}});
    }
    pad.state = state;
    State shown = state;
    if (pad.touchpad_clicked) shown.buttons |= kTouchpadClick;
    changes.push_back({index, shown});
    return changes;
}

GamepadEvents::Changes GamepadEvents::arrived(const wire::GamepadArrival& arrival) {
    Pad* pad = pad_at(arrival.pad);
    if (pad == nullptr) return {};
    const Kind kind = kind_of(arrival.type).value_or(kind_);
    if (pad->plugged == kind) return {};
    if (!pad->plugged) *pad = {};  // another pad, which counts anew
    pad->plugged = kind;
    // A device of another kind does not know yet what is held.
    return {{arrival.pad, Plug{kind}}, {arrival.pad, pad->state}};
}

GamepadEvents::Changes GamepadEvents::removed(const wire::GamepadRemove& removal) {
    Pad* pad = pad_at(removal.pad);
    if (pad == nullptr || overtaken(*pad, removal.seq)) return {};
    const bool was_there = pad->plugged.has_value();
    // A state that left before the removal must not bring the pad back.
    *pad = {.plugged = {}, .was = {}, .state = {}, .touchpad_clicked = false, .newest_seq = removal.seq};
    return was_there ? Changes{{removal.pad, Unplug{}}} : Changes{};
}

GamepadEvents::Changes GamepadEvents::allow(bool allowed) {
    Changes changes;
    if (std::exchange(allowed_, allowed) == allowed || allowed) return changes;
    for (size_t i = 0; i < pads_.size(); ++i) {
        Pad& pad = pads_[i];
        if (!pad.plugged) continue;
        pad = {.plugged = {}, .was = pad.plugged, .state = {}, .touchpad_clicked = false, .newest_seq = pad.newest_seq};
        changes.push_back({static_cast<uint8_t>(i), Unplug{}});
    }
    return changes;
}

GamepadEvents::Changes GamepadEvents::of(const wire::InputEvent& event) {
    using enum wire::InputKind;
    if (!allowed_) return {};
    switch (event.kind) {
        case GamepadButton: {
            const Pad* pad = pad_at(event.flags);
            if (pad == nullptr) return {};
            State state = pad->state;
            state.buttons = event.x != 0 ? state.buttons | event.code : state.buttons & ~event.code;
            return changed(static_cast<uint8_t>(event.flags), state);
        }
        case GamepadAxis: {
            const Pad* pad = pad_at(event.flags);
            if (pad == nullptr) return {};
            State state = pad->state;
            return set_axis(state, event.code, event.x) ? changed(static_cast<uint8_t>(event.flags), state) : Changes{};
        }
        case GamepadState: {
            const wire::GamepadState news = wire::gamepad_state(event);
            Pad* pad = pad_at(news.pad);
            if (pad == nullptr || overtaken(*pad, news.seq)) return {};
            pad->newest_seq = news.seq;
            return changed(news.pad, {.buttons = news.buttons,
                                      .left_x = news.left_x,
                                      .left_y = news.left_y,
                                      .right_x = news.right_x,
                                      .right_y = news.right_y,
                                      .left_trigger = news.left_trigger,
                                      .right_trigger = news.right_trigger});
        }
        case GamepadRemove:
            return removed(wire::gamepad_remove(event));
        case GamepadArrival:
            return arrived(wire::gamepad_arrival(event));
        default:
            return {};
    }
}

GamepadEvents::Changes GamepadEvents::touched(const wire::TouchpadEx& touch) {
    // 0 is the whole of the only pad; of two pads each becomes a half of it, and a finger of its own.
    if (touch.surface > 2) return {};
    const auto from_corner = [](int16_t centred) { return static_cast<uint16_t>(int32_t{centred} + 32768); };
    uint16_t x = from_corner(touch.x);
    uint8_t finger = touch.finger;
    if (touch.surface != 0) {
        finger = touch.surface - 1;
        x = static_cast<uint16_t>(x / 2 + (touch.surface == 2 ? 32768 : 0));
    }
    Changes changes{{touch.pad, Touch{finger, touch.touch, x, from_corner(touch.y)}}};
    Pad& pad = pads_[touch.pad];
    if (std::exchange(pad.touchpad_clicked, touch.click) != touch.click) {
        const auto state = changed(touch.pad, pad.state);
        changes.insert(changes.end(), state.begin(), state.end());
    }
    return changes;
}

GamepadEvents::Changes GamepadEvents::of(const wire::RichInput& input) {
    if (!allowed_) return {};
    const uint8_t index = std::visit([](const auto& kind) { return kind.pad; }, input);
    const Pad* pad = pad_at(index);
    if (pad == nullptr || !pad->plugged) return {};
    if (const auto* touch = std::get_if<wire::Touchpad>(&input)) {
        const auto finger = std::min<uint8_t>(touch->finger, 1);
        return {{index, Touch{finger, touch->active, touch->x, touch->y}}};
    }
    if (const auto* motion = std::get_if<wire::Motion>(&input)) return {{index, Motion{motion->gyro, motion->accel}}};
    return touched(std::get<wire::TouchpadEx>(input));
}

}  // namespace punktfunk::gamepad
