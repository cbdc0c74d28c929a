// Samples from one thread to another, without a lock and without an allocation.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <span>
#include <vector>

namespace punktfunk::audio {

// One producer, one consumer.
class SampleRing {
  public:
    explicit SampleRing(size_t at_least) : samples_(std::bit_ceil(at_least)), mask_(samples_.size() - 1) {}

    // Producer. All or nothing: false when there is no room.
    bool write(std::span<const float> from) {
        const size_t end = end_.load(std::memory_order_relaxed);
        if (samples_.size() - (end - begin_.load(std::memory_order_acquire)) < from.size()) return false;
        const size_t at = end & mask_, first = std::min(from.size(), samples_.size() - at);
        std::ranges::copy(from.first(first), samples_.begin() + static_cast<ptrdiff_t>(at));
        std::ranges::copy(from.subspan(first), samples_.begin());
        end_.store(end + from.size(), std::memory_order_release);
        return true;
    }

    // Consumer, as is everything below. All or nothing.
    bool read(std::span<float> to) {
        if (size() < to.size()) return false;
        const size_t begin = begin_.load(std::memory_order_relaxed);
        const size_t at = begin & mask_, first = std::min(to.size(), samples_.size() - at);
        std::copy_n(samples_.begin() + static_cast<ptrdiff_t>(at), first, to.begin());
        std::copy_n(samples_.begin(), to.size() - first, to.begin() + static_cast<ptrdiff_t>(first));
        begin_.store(begin + to.size(), std::memory_order_release);
        return true;
    }
    void drop(size_t count) {
        begin_.store(begin_.load(std::memory_order_relaxed) + std::min(count, size()), std::memory_order_release);
    }
    [[nodiscard]] size_t size() const {
        return end_.load(std::memory_order_acquire) - begin_.load(std::memory_order_relaxed);
    }

  private:
    std::vector<float> samples_;
    size_t mask_;
    std::atomic<size_t> begin_{0}, end_{0};
};

}  // namespace punktfunk::audio
