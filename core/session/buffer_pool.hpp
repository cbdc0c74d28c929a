// Large buffers that are used again, newest first, so that a steady stream of frames works in warm memory and allocates
// nothing. What the pool has handed out and what it keeps never exceed its limit together.
//
// Any thread. Buffers are 64-byte aligned and hold whatever they held before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace punktfunk::session {

class BufferPool {
  public:
    struct Buffer {
        uint8_t* data = nullptr;
        uint32_t size_class = 0;
        explicit operator bool() const { return data != nullptr; }
    };

    explicit BufferPool(size_t limit_bytes) : limit_(limit_bytes) {}
    ~BufferPool();
    BufferPool(const BufferPool&) = delete;
    BufferPool& operator=(const BufferPool&) = delete;

    // At least `bytes` bytes; an empty Buffer when that would exceed the limit.
    [[nodiscard]] Buffer take(size_t bytes);
    // Gives `buffer` back and empties it. An empty one is ignored.
    void give(Buffer& buffer);
    [[nodiscard]] size_t held_bytes() const {
        const std::lock_guard lock(mutex_);
        return held_;
    }

  private:
    struct Free {
        Free* next;
    };
    // Four sizes an octave, from 4 KiB: a quarter is the most that rounding up wastes.
    static constexpr size_t kClasses = 4 * 24;
    static size_t class_bytes(size_t size_class) { return (4 + size_class % 4) << (10 + size_class / 4); }
    void release_free();

    const size_t limit_;
    mutable std::mutex mutex_;
    size_t held_ = 0;
    std::array<Free*, kClasses> free_{};
};

}  // namespace punktfunk::session
