// Events on their way from the control thread to the session's input thread. Bounded, and careful about what it drops:
// a peer that floods loses motion and presses, never the release of something that is held, and of a text its end,
// never its middle. It knows what is held once everything in it has been delivered; a press of what is held and a
// release of what is not are left out.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <utility>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::stream {

class InputQueue {
  public:
    using TimePoint = SteadyClock::time_point;
    static constexpr size_t kBound = 1024;      // events that are neither text nor releases
    static constexpr size_t kTextBound = 4096;  // characters
    static constexpr size_t kMaxHeld = 300;     // keys, buttons and fingers at a time
    // Datagrams overtake each other: a release that comes so little before its press ends it.
    static constexpr std::chrono::milliseconds kReorderWindow{20};

    void push(const wire::InputEvent& event, TimePoint now = SteadyClock::now());

    // Without permission nothing gets in; when it is withdrawn, what waits is lost and what is held is released.
    void allow(bool allowed);

    // Ends one wait of pop() without an event.
    void poke();

    // Waits for events (or a poke) and moves all of them into `events`, whose storage is reused. False when stopped.
    bool pop(const std::stop_token& stop, std::vector<wire::InputEvent>& events);

  private:
    struct Control {
        wire::InputKind press;
        uint32_t code;
        auto operator<=>(const Control&) const = default;
    };

    static Control control_of(wire::InputKind press, uint32_t code);
    bool merge_motion(const wire::InputEvent& event);
    void push_press(const wire::InputEvent& event, TimePoint now);
    void push_release(const wire::InputEvent& event, const Control& control, TimePoint now);
    void push_text(const wire::InputEvent& event);
    [[nodiscard]] bool full() const { return events_.size() - text_queued_ - releases_queued_ >= kBound; }

    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<wire::InputEvent> events_;
    size_t text_queued_ = 0, releases_queued_ = 0;
    bool text_cut_ = false;  // the rest of a text that was too long is dropped
    std::set<Control> held_;
    std::optional<std::pair<Control, TimePoint>> early_release_;  // the newest
    bool poked_ = false, allowed_ = true;
};

}  // namespace punktfunk::stream
