// Frames arrive in completion order (spec §4.7), a decoder wants them in index order. Holds a frame back while one
// before it may still complete, for as long as one frame lasts, and says when to give up and ask for a keyframe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/client/native_client.hpp"

namespace punktfunk::cli {

class FrameOrder {
  public:
    explicit FrameOrder(std::chrono::nanoseconds patience) : patience_(patience) {}

    // False, and the frame is gone, when a later one was already taken.
    bool push(client::ReceivedFrame frame, SteadyClock::time_point now);
    // The next frame that can be decoded, as far as this class can tell.
    std::optional<client::ReceivedFrame> pop(SteadyClock::time_point now);
    // How long pop() needs no second look; nullopt: until the next push().
    [[nodiscard]] std::optional<SteadyClock::time_point> deadline() const;

    // The decoder could not use a frame: what follows is useless until one that stands alone.
    void await_keyframe() { awaiting_keyframe_ = true; }
    [[nodiscard]] bool awaiting_keyframe() const { return awaiting_keyframe_; }

    [[nodiscard]] uint64_t lost() const { return lost_; }                // never arrived
    [[nodiscard]] uint64_t undecodable() const { return undecodable_; }  // arrived, but what they refer to did not

  private:
    struct Held {
        client::ReceivedFrame frame;
        SteadyClock::time_point since;
    };
    static constexpr size_t kMaxHeld = 8;

    std::chrono::nanoseconds patience_;
    std::vector<Held> held_;  // by index
    std::optional<uint32_t> next_;
    bool awaiting_keyframe_ = true;
    uint64_t lost_ = 0, undecodable_ = 0;
};

}  // namespace punktfunk::cli
