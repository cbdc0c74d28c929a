// The bounded hand-over from the capture+encode thread to the send thread: access units in reused buffers. When it is
// full the encoder waits; nothing is dropped after it was encoded.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/clock.hpp"

namespace punktfunk::stream {

struct HandoverSlot {
    Bytes data;
    uint64_t pts_ns = 0;
    uint64_t acquired_ns = 0;  // 0 for a repeat of an earlier picture
    bool keyframe = false;
    uint64_t encode_us = 0;
    uint64_t handed_over_ns = 0;  // CLOCK_REALTIME
    uint64_t number = 0;          // of the access unit, from 1
};

class HandoverQueue {
  public:
    static constexpr size_t kDepth = 3;

    // Waits for a free slot and lets `fill(slot)` write it. False when stopped.
    template <typename Fill>
    bool push(const std::stop_token& stop, Fill&& fill) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return count_ < kDepth; })) return false;
        HandoverSlot& slot = slots_[(first_ + count_) % kDepth];
        lock.unlock();  // the slot is this thread's until it is counted
        fill(slot);
        lock.lock();
        ++count_;
        changed_.notify_all();
        return true;
    }

    // Waits for an access unit and lets `use(slot)` read it. False when there was none: stopped, or `until` has come.
    template <typename Use>
    bool pop(const std::stop_token& stop, SteadyClock::time_point until, Use&& use) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_until(lock, stop, until, [&] { return count_ > 0; })) return false;
        HandoverSlot& slot = slots_[first_];
        lock.unlock();
        use(slot);
        lock.lock();
        first_ = (first_ + 1) % kDepth;
        --count_;
        changed_.notify_all();
        return true;
    }

  private:
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::array<HandoverSlot, kDepth> slots_;
    size_t first_ = 0, count_ = 0;
};

}  // namespace punktfunk::stream
