// One plane's hand-over from the connection's threads to the thread that pulls it. Bounded; when it is full the newest
// is dropped and counted (spec §8.10). One producer; any thread may pop.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

#include "punktfunk/base/error.hpp"

namespace punktfunk::client {

template <typename T, size_t Capacity>
class PlaneQueue {
  public:
    // Producer: whether push() may follow. A "no" counts a drop, so that a full queue costs no copy.
    bool admit() {
        const std::lock_guard lock(mutex_);
        if (count_ < Capacity) return true;
        ++dropped_;
        return false;
    }
    void push(T item) {
        const std::lock_guard lock(mutex_);
        slots_[(first_ + count_++) % Capacity] = std::move(item);
        changed_.notify_one();
    }
    // The first reason stays. What is queued can still be popped.
    void end(const Error& reason) {
        const std::lock_guard lock(mutex_);
        if (!over_) over_ = reason;
        changed_.notify_all();
    }
    // Timeout when nothing came; the end's reason once the queue is empty and over.
    Result<T> pop(std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, timeout, [this] { return count_ > 0 || over_; }))
            return fail(ErrorCode::Timeout, "nothing in {} ms", timeout.count());
        if (count_ == 0) return std::unexpected(*over_);
        T item = std::move(slots_[first_]);
        first_ = (first_ + 1) % Capacity;
        --count_;
        return item;
    }
    [[nodiscard]] uint64_t dropped() const {
        const std::lock_guard lock(mutex_);
        return dropped_;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::array<T, Capacity> slots_{};
    size_t first_ = 0, count_ = 0;
    uint64_t dropped_ = 0;
    std::optional<Error> over_;
};

}  // namespace punktfunk::client
