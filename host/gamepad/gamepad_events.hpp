// The client's gamepad events as changes to the session's pads (spec §6, §5.5, §11.6). No device, thread or clock
// inside.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "punktfunk/gamepad/gamepad_set.hpp"
#include "punktfunk/wire/datagram.hpp"

namespace punktfunk::gamepad {

class GamepadEvents {
  public:
    struct Addressed {
        uint8_t pad = 0;
        Change change;
        bool operator==(const Addressed&) const = default;
    };
    using Changes = std::vector<Addressed>;  // in order

    // `kind` is what a pad becomes that does not say itself.
    explicit GamepadEvents(Kind kind) : kind_(kind) {}

    // Nothing for events that are not about gamepads, name a pad or axis that cannot be, or were overtaken. The first
    // event of a pad plugs it in; touch and motion do not.
    [[nodiscard]] Changes of(const wire::InputEvent& event);
    [[nodiscard]] Changes of(const wire::RichInput& input);
    // Without permission every pad is taken away, and no event means anything; with it the next event of one plugs it
    // in again, of the kind that it was.
    [[nodiscard]] Changes allow(bool allowed);

  private:
    struct Pad {
        std::optional<Kind> plugged, was;  // was: before they were taken away
        State state;
        bool touchpad_clicked = false;      // by TouchpadEx, beside the button of the state
        std::optional<uint8_t> newest_seq;  // of GamepadState and GamepadRemove
    };
    Pad* pad_at(uint32_t index) { return index < pads_.size() ? &pads_[index] : nullptr; }
    [[nodiscard]] static bool overtaken(const Pad& pad, uint8_t seq);
    [[nodiscard]] Changes changed(uint8_t index, const State& state);
    [[nodiscard]] Changes arrived(const wire::GamepadArrival& arrival);
    [[nodiscard]] Changes removed(const wire::GamepadRemove& removal);
    [[nodiscard]] Changes touched(const wire::TouchpadEx& touch);

    Kind kind_;
    bool allowed_ = true;
    std::array<Pad, kMaxPads> pads_;
};

}  // namespace punktfunk::gamepad
