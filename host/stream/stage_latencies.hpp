// What each stage took of the latest frames. Written by the send thread once a frame has left, read by anyone.
#pragma once

#include <mutex>

#include "handover_queue.hpp"
#include "punktfunk/base/latency_samples.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::stream {

class StageLatencies {
  public:
    void add(const HandoverSlot& frame, uint64_t sent_ns) {
        if (frame.acquired_ns == 0) return;
        const auto us = [](uint64_t from, uint64_t to) { return static_cast<int64_t>(to - from) / 1000; };
        const std::lock_guard lock(mutex_);
        copy_.add(us(frame.pts_ns, frame.acquired_ns));
        encode_.add(static_cast<int64_t>(frame.encode_us));
        host_.add(us(frame.acquired_ns, sent_ns) - static_cast<int64_t>(frame.encode_us));
    }
    void read(StreamStats& stats) const {
        const std::lock_guard lock(mutex_);
        stats.copy = percentiles(copy_);
        stats.encode = percentiles(encode_);
        stats.host = percentiles(host_);
    }

  private:
    static constexpr size_t kSamples = 1000;
    static Percentiles percentiles(const LatencySamples& samples) {
        return {samples.percentile(0.5), samples.percentile(0.95), samples.percentile(0.99)};
    }

    mutable std::mutex mutex_;
    LatencySamples copy_{kSamples}, encode_{kSamples}, host_{kSamples};
};

}  // namespace punktfunk::stream
