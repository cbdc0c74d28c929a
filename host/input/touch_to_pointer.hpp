// Fingers for a desktop that takes no touch from a virtual device: they become what people expect of a pointer.
//
//   one finger    the pointer goes where it is; a tap is a click; one that moves, or stays, holds the left button
//   two fingers   scroll: what is under them follows them; a tap of both is a right click
//   more          nothing
//
// The button goes down once it is clear that no second finger comes, so that two fingers do not click what they are to
// scroll. There is no timer: a finger on glass sends small movements all the time, and each of them is a look at the
// clock. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::input {

struct PointerAction {
    enum class Kind : uint8_t { Move, Press, Release, Scroll, ScrollEnd } kind{};
    double x = 0, y = 0;  // Move: fractions of the output, 0..1; Scroll: pixels, right and down positive
    uint32_t button = 0;  // Press, Release: the wire's number
    bool operator==(const PointerAction&) const = default;
};

class TouchToPointer {
  public:
    using TimePoint = SteadyClock::time_point;
    static constexpr double kSlop = 8;  // pixels a finger wanders without meaning it
    static constexpr std::chrono::milliseconds kSecondFingerWait{80}, kTapTime{500};
    // A finger that was not heard of for so long when another comes was lifted unnoticed: datagrams get lost.
    static constexpr std::chrono::seconds kForgotten{5};
    static constexpr size_t kMaxFingers = 10;

    TouchToPointer(uint32_t output_width, uint32_t output_height) { resize(output_width, output_height); }
    void resize(uint32_t output_width, uint32_t output_height) {
        width_ = std::max(output_width, 1u);
        height_ = std::max(output_height, 1u);
    }

    // Of TouchDown, TouchMove, TouchUp (spec §6). The answer is valid until the next call.
    std::span<const PointerAction> handle(const wire::InputEvent& event, TimePoint now);

  private:
    enum class Gesture : uint8_t { None, Pending, Dragging, Pair, Scrolling, Spent };
    struct Finger {
        double x = 0, y = 0;  // pixels of the output
        TimePoint heard{};
    };
    void down(uint32_t id, Finger finger);
    void move(uint32_t id, Finger finger);
    void up(uint32_t id, TimePoint now);
    void press(uint32_t button);
    void release(uint32_t button);
    void move_pointer(const Finger& to);
    [[nodiscard]] Finger centre() const;

    double width_ = 1, height_ = 1;
    std::map<uint32_t, Finger> fingers_;
    Gesture gesture_ = Gesture::None;
    Finger origin_;       // where and when the gesture began
    Finger scrolled_to_;  // Pair, Scrolling: the centre that has been accounted for
    std::vector<PointerAction> actions_;
};

}  // namespace punktfunk::input
