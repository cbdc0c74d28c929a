// How much was sent in the last second: in quarters of one, so that a reader never sees a second that has only begun.
// One thread at a time.
#pragma once

#include <array>
#include <cstdint>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::stream {

class SentMeter {
  public:
    struct Rate {
        double fps = 0, kbps = 0;
    };

    void add(size_t bytes, SteadyClock::time_point now) {
        Quarter& quarter = quarters_[advance(now) % kQuarters];
        ++quarter.pictures;
        quarter.bytes += bytes;
    }
    // Of the last four quarters that are over.
    Rate read(SteadyClock::time_point now) {
        const uint64_t current = advance(now);
        uint64_t pictures = 0, bytes = 0;
        for (uint64_t i = 1; i < kQuarters; ++i) {
            const Quarter& quarter = quarters_[(current + i) % kQuarters];
            pictures += quarter.pictures;
            bytes += quarter.bytes;
        }
        return {static_cast<double>(pictures), static_cast<double>(bytes) * 8 / 1000};
    }

  private:
    static constexpr uint64_t kQuarters = 5;
    struct Quarter {
        uint32_t pictures = 0;
        uint64_t bytes = 0;
    };
    uint64_t advance(SteadyClock::time_point now) {
        const auto index = static_cast<uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() / 250);
        if (index - newest_ >= kQuarters) quarters_ = {};
        while (newest_ < index && index - newest_ < kQuarters) quarters_[++newest_ % kQuarters] = {};
        newest_ = index;
        return index;
    }
    std::array<Quarter, kQuarters> quarters_{};
    uint64_t newest_ = 0;
};

}  // namespace punktfunk::stream
