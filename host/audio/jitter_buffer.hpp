// Evens out what arrives in bursts for a device that takes it at its own pace (spec §5.3). Counts are interleaved
// samples. One producer, one consumer; nothing is allocated after construction.
#pragma once

#include "sample_ring.hpp"

namespace punktfunk::audio {

class JitterBuffer {
  public:
    explicit JitterBuffer(size_t channels)
        : least_(720 * channels), most_(9600 * channels), ring_(2 * (3 * most_ + kLongestPacket * channels)) {}

    // Producer. What finds no room (the consumer has stopped) is lost.
    void push(std::span<const float> samples) { (void)ring_.write(samples); }

    // Consumer: fills all of `to`, with silence where nothing is there yet.
    void pull(std::span<float> to) {
        const size_t want = to.size(), target = std::clamp(3 * want, least_, most_);
        const size_t limit = std::max(target, want) + want;
        if (const size_t there = ring_.size(); there > limit) ring_.drop(there - limit);
        if (ring_.size() >= target) primed_ = true;
        size_t played = 0;
        if (primed_) {
            played = std::min(want, ring_.size());
            (void)ring_.read(to.first(played));
            if (ring_.size() == 0) primed_ = false;
        }
        std::ranges::fill(to.subspan(played), 0.0F);
    }

  private:
    static constexpr size_t kLongestPacket = 5760;  // samples a channel
    size_t least_, most_;                           // 15 ms and 200 ms
    bool primed_ = false;
    SampleRing ring_;
};

}  // namespace punktfunk::audio
