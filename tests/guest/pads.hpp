// A session's pads, and what has been asked of them.
#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

#include "evdev.hpp"
#include "punktfunk/gamepad/gamepad_set.hpp"

namespace punktfunk::test {

class Pads {
  public:
    using Told = std::pair<uint8_t, gamepad::Feedback>;

    [[nodiscard]] static std::string phys(int pad) { return "punktfunk/guest/" + std::to_string(pad); }

    void push(uint8_t pad, const gamepad::Change& change) { set_->push(pad, change); }
    // What was told since the last call that waited, up to and including this one; waits for it.
    [[nodiscard]] bool hears(uint8_t pad, const gamepad::Feedback& feedback) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kPatience, [&] {
            while (next_ < told_.size()) {
                if (told_[next_++] == Told{pad, feedback}) return true;
            }
            return false;
        });
    }
    void end() { set_.reset(); }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Told> told_;
    size_t next_ = 0;
    std::unique_ptr<gamepad::GamepadSet> set_ =
        std::make_unique<gamepad::GamepadSet>("guest", [this](uint8_t pad, const gamepad::Feedback& feedback) {
            const std::lock_guard lock(mutex_);
            told_.emplace_back(pad, feedback);
            changed_.notify_all();
        });
};

}  // namespace punktfunk::test
