#include "input_queue.hpp"

namespace punktfunk::stream {

using enum wire::InputKind;
using wire::InputKind;

namespace {

int32_t saturating_add(int32_t a, int32_t b) {
    int32_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? a : sum;
}

// The press that a release ends.
std::optional<InputKind> press_of(InputKind release) {
    switch (release) {
        case KeyUp:
            return KeyDown;
        case MouseButtonUp:
            return MouseButtonDown;
        case TouchUp:
            return TouchDown;
        default:
            return std::nullopt;
    }
}

bool is_press(InputKind kind) {
    return kind == KeyDown || kind == MouseButtonDown || kind == TouchDown;
}

InputKind release_of(InputKind press) {
    return press == KeyDown ? KeyUp : press == MouseButtonDown ? MouseButtonUp : TouchUp;
}

}  // namespace

InputQueue::Control InputQueue::control_of(InputKind press, uint32_t code) {
    return {press, press == KeyDown ? code & 0xff : code};  // of a virtual-key code the low byte counts
}

bool InputQueue::merge_motion(const wire::InputEvent& event) {
    if (events_.empty() || events_.back().kind != event.kind) return false;
    wire::InputEvent& last = events_.back();
    if (event.kind == MouseMove) {
        last.x = saturating_add(last.x, event.x);
        last.y = saturating_add(last.y, event.y);
        return true;
    }
    if (event.kind != MouseMoveAbs && (event.kind != TouchMove || last.code != event.code)) return false;
    last = event;
    return true;
}

void InputQueue::push_press(const wire::InputEvent& event, TimePoint now) {
    const Control control = control_of(event.kind, event.code);
    const bool news = !held_.contains(control);
    // A finger that comes down twice was lifted in between: where it is now is news.
    if (full() || held_.size() >= kMaxHeld || (!news && event.kind != TouchDown)) return;
    held_.insert(control);
    events_.push_back(event);
    const bool released_before =
        early_release_ && early_release_->first == control && now - early_release_->second <= kReorderWindow;
    if (released_before) push_release({.kind = release_of(event.kind), .code = event.code}, control, now);
}

void InputQueue::push_release(const wire::InputEvent& event, const Control& control, TimePoint now) {
    early_release_.reset();
    if (held_.erase(control) == 0) {
        early_release_.emplace(control, now);
        return;
    }
    events_.push_back(event);
    ++releases_queued_;
}

void InputQueue::push_text(const wire::InputEvent& event) {
    text_cut_ = text_queued_ >= kTextBound || (text_cut_ && text_queued_ > 0);
    if (text_cut_) return;
    events_.push_back(event);
    ++text_queued_;
}

void InputQueue::push(const wire::InputEvent& event, TimePoint now) {
    const std::lock_guard lock(mutex_);
    if (!allowed_) return;
    if (const auto press = press_of(event.kind)) {
        push_release(event, control_of(*press, event.code), now);
    } else if (is_press(event.kind)) {
        push_press(event, now);
    } else if (event.kind == TextInput) {
        push_text(event);
    } else if (!merge_motion(event) && !full()) {
        events_.push_back(event);
    }
    changed_.notify_one();
}

void InputQueue::allow(bool allowed) {
    const std::lock_guard lock(mutex_);
    if (std::exchange(allowed_, allowed) == allowed || allowed) return;
    // Presses and releases stay: some of them belong together, and the ones added here end the rest.
    std::erase_if(events_,
                  [](const wire::InputEvent& event) { return !is_press(event.kind) && !press_of(event.kind); });
    text_queued_ = 0;
    early_release_.reset();
    for (const Control& control : held_) {
        events_.push_back({.kind = release_of(control.press), .code = control.code});
        ++releases_queued_;
    }
    held_.clear();
    changed_.notify_one();
}

void InputQueue::poke() {
    const std::lock_guard lock(mutex_);
    poked_ = true;
    changed_.notify_one();
}

bool InputQueue::pop(const std::stop_token& stop, std::vector<wire::InputEvent>& events) {
    events.clear();
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return poked_ || !events_.empty(); })) return false;
    poked_ = false;
    events.swap(events_);
    text_queued_ = releases_queued_ = 0;
    return true;
}

}  // namespace punktfunk::stream
