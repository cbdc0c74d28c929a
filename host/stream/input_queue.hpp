// Events on their way from the control thread to the session's input thread. Bounded: consecutive relative motions are
// added up, and past the bound pointer motion is dropped before anything that would leave a key stuck.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>

#include "punktfunk/wire/input.hpp"

namespace punktfunk::stream {

class InputQueue {
  public:
    static constexpr size_t kBound = 1024;

    void push(const wire::InputEvent& event) {
        using enum wire::InputKind;
        const std::lock_guard lock(mutex_);
        if (!events_.empty() && event.kind == MouseMove && events_.back().kind == MouseMove) {
            events_.back().x = saturating_add(events_.back().x, event.x);
            events_.back().y = saturating_add(events_.back().y, event.y);
        } else if (!events_.empty() && event.kind == MouseMoveAbs && events_.back().kind == MouseMoveAbs) {
            events_.back() = event;
        } else {
            const bool releases = event.kind == KeyUp || event.kind == MouseButtonUp || event.kind == TouchUp;
            // A peer that floods loses its presses and motions, never a release of something that is held.
            if (events_.size() >= kBound && !releases) return;
            if (events_.size() >= 4 * kBound) return;
            events_.push_back(event);
        }
        changed_.notify_one();
    }

    // Ends one wait of pop() without an event.
    void poke() {
        const std::lock_guard lock(mutex_);
        poked_ = true;
        changed_.notify_one();
    }

    // Waits for the next event (or a poke, which leaves `event` empty). False when stopped.
    bool pop(const std::stop_token& stop, std::optional<wire::InputEvent>& event) {
        event.reset();
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return poked_ || !events_.empty(); })) return false;
        poked_ = false;
        if (events_.empty()) return true;
        event = events_.front();
        events_.pop_front();
        return true;
    }

  private:
    static int32_t saturating_add(int32_t a, int32_t b) {
        int32_t sum = 0;
        return __builtin_add_overflow(a, b, &sum) ? a : sum;
    }

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<wire::InputEvent> events_;
    bool poked_ = false;
};

}  // namespace punktfunk::stream
