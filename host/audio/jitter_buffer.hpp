// Evens out what arrives in bursts for a device that takes it at its own pace (spec §5.3). Counts are interleaved
// samples. One producer, one consumer; nothing is allocated after construction.
//
// Beyond the specification: a device that asks for little at a time would, with packets of 20 ms, be primed by the
// first one and dry before the second. The target is never less than the longest packet so far and 10 ms.
#pragma once

#include "sample_ring.hpp"

namespace punktfunk::audio {

class JitterBuffer {
  public:
    explicit JitterBuffer(size_t channels)
        : least_(720 * channels),
          most_(9600 * channels),
          slack_(480 * channels),
          ring_(2 * (3 * most_ + kLongestPacket * channels)) {}

    // Producer: one packet. What finds no room (the consumer has stopped) is lost.
    void push(std::span<const float> samples) {
        longest_ = std::max<size_t>(longest_, samples.size());
        (void)ring_.write(samples);
    }

    // Consumer: fills all of `to`, with silence where nothing is there yet.
    void pull(std::span<float> to) {
        const size_t want = to.size(), target = std::clamp(std::max(3 * want, longest_ + slack_), least_, most_);
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
    size_t least_, most_, slack_;                   // 15 ms, 200 ms, 10 ms
    std::atomic<size_t> longest_{0};
    bool primed_ = false;
    SampleRing ring_;
};

}  // namespace punktfunk::audio
