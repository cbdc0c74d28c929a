#include "touch_to_pointer.hpp"

#include <algorithm>
#include <cmath>

namespace punktfunk::input {

namespace {
constexpr uint32_t kLeft = 1, kRight = 3;
}

std::span<const PointerAction> TouchToPointer::handle(const wire::InputEvent& event, TimePoint now) {
    using enum wire::InputKind;
    actions_.clear();
    if (event.kind == TouchUp) {
        up(event.code, now);
        return actions_;
    }
    const uint32_t width = event.flags >> 16, height = event.flags & 0xffff;
    if (width == 0 || height == 0) return actions_;
    const Finger finger{std::clamp(static_cast<double>(event.x) / width, 0.0, 1.0) * width_,
                        std::clamp(static_cast<double>(event.y) / height, 0.0, 1.0) * height_, now};
    if (event.kind == TouchDown) down(event.code, finger);
    if (event.kind == TouchMove) move(event.code, finger);
    return actions_;
}

void TouchToPointer::down(uint32_t id, Finger finger) {
    up(id, finger.heard);  // its TouchUp was lost
    const auto forgotten = [&] {
        return std::ranges::find_if(fingers_,
                                    [&](const auto& f) { return finger.heard - f.second.heard > kForgotten; });
    };
    for (auto lost = forgotten(); lost != fingers_.end(); lost = forgotten()) up(lost->first, finger.heard);
    if (fingers_.size() == kMaxFingers) return;
    fingers_[id] = finger;
    if (fingers_.size() == 1) {
        gesture_ = Gesture::Pending;
        origin_ = finger;
        return move_pointer(finger);
    }
    if (gesture_ == Gesture::Dragging) release(kLeft);
    if (gesture_ == Gesture::Pending || gesture_ == Gesture::Dragging) {
        gesture_ = Gesture::Pair;
        origin_ = scrolled_to_ = centre();
        origin_.heard = finger.heard;
    } else if (gesture_ == Gesture::Pair || gesture_ == Gesture::Scrolling) {
        if (gesture_ == Gesture::Scrolling) actions_.push_back({.kind = PointerAction::Kind::ScrollEnd});
        gesture_ = Gesture::Spent;
    }
}

void TouchToPointer::move(uint32_t id, Finger finger) {
    const auto known = fingers_.find(id);
    if (known == fingers_.end()) return;
    known->second = finger;
    const Finger at = centre();
    const bool wandered = std::hypot(at.x - origin_.x, at.y - origin_.y) > kSlop;
    if (gesture_ == Gesture::Pending && (wandered || finger.heard - origin_.heard >= kSecondFingerWait)) {
        press(kLeft);
        gesture_ = Gesture::Dragging;
    }
    if (gesture_ == Gesture::Dragging) move_pointer(finger);
    if (gesture_ == Gesture::Pair && wandered) gesture_ = Gesture::Scrolling;
    if (gesture_ == Gesture::Scrolling) {
        // What was under the fingers follows them: the view goes the other way.
        actions_.push_back(
            {.kind = PointerAction::Kind::Scroll, .x = scrolled_to_.x - at.x, .y = scrolled_to_.y - at.y});
        scrolled_to_ = at;
    }
}

void TouchToPointer::up(uint32_t id, TimePoint now) {
    if (fingers_.erase(id) == 0) return;
    const bool quick = now - origin_.heard <= kTapTime;
    switch (gesture_) {
        case Gesture::Pending:
            press(kLeft);
            release(kLeft);
            break;
        case Gesture::Dragging:
            release(kLeft);
            break;
        case Gesture::Pair:
            if (quick) {
                press(kRight);
                release(kRight);
            }
            break;
        case Gesture::Scrolling:
            actions_.push_back({.kind = PointerAction::Kind::ScrollEnd});
            break;
        case Gesture::None:
        case Gesture::Spent:
            break;
    }
    // The fingers that stay are still part of the gesture that is over.
    gesture_ = fingers_.empty() ? Gesture::None : Gesture::Spent;
}

void TouchToPointer::press(uint32_t button) {
    actions_.push_back({.kind = PointerAction::Kind::Press, .button = button});
}

void TouchToPointer::release(uint32_t button) {
    actions_.push_back({.kind = PointerAction::Kind::Release, .button = button});
}

void TouchToPointer::move_pointer(const Finger& to) {
    actions_.push_back({.kind = PointerAction::Kind::Move, .x = to.x / width_, .y = to.y / height_});
}

TouchToPointer::Finger TouchToPointer::centre() const {
    Finger middle;
    for (const auto& [id, finger] : fingers_) {
        middle.x += finger.x / static_cast<double>(fingers_.size());
        middle.y += finger.y / static_cast<double>(fingers_.size());
    }
    return middle;
}

}  // namespace punktfunk::input
