// What each stage took of the latest frames, and how many there were. Written by the send thread once a frame has left,
// read by anyone, who does not keep the send thread waiting longer than a copy takes.
#pragma once

#include <mutex>

#include "handover_queue.hpp"
#include "punktfunk/base/latency_samples.hpp"
#include "punktfunk/stream/stream_session.hpp"
#include "sent_meter.hpp"

namespace punktfunk::stream {

class StageLatencies {
  public:
    // `taken_ns`: when the send thread took it out of the queue.
    void add(const HandoverSlot& frame, uint64_t taken_ns, uint64_t sent_ns) {
        const auto us = [](uint64_t from, uint64_t to) { return static_cast<int64_t>(to - from) / 1000; };
        const std::lock_guard lock(mutex_);
        sent_.add(frame.data.size(), SteadyClock::now());
        if (frame.acquired_ns == 0) return;
        samples_.copy.add(us(frame.pts_ns, frame.acquired_ns));
        samples_.encode.add(static_cast<int64_t>(frame.encode_us));
        samples_.queue.add(us(frame.handed_over_ns, taken_ns));
        samples_.send.add(us(taken_ns, sent_ns));
        samples_.host.add(us(frame.acquired_ns, sent_ns) - static_cast<int64_t>(frame.encode_us));
    }
    void read(StreamStats& stats) const {
        std::unique_lock lock(mutex_);
        const Samples samples = samples_;
        const auto rate = sent_.read(SteadyClock::now());
        lock.unlock();
        stats.fps = rate.fps;
        stats.sent_kbps = rate.kbps;
        stats.samples = samples.host.count();
        stats.copy = percentiles(samples.copy);
        stats.encode = percentiles(samples.encode);
        stats.queue = percentiles(samples.queue);
        stats.send = percentiles(samples.send);
        stats.host = percentiles(samples.host);
    }

  private:
    static constexpr size_t kSamples = 1000;
    struct Samples {
        LatencySamples copy{kSamples}, encode{kSamples}, queue{kSamples}, send{kSamples}, host{kSamples};
    };
    static Percentiles percentiles(const LatencySamples& samples) {
        return {samples.percentile(0.5), samples.percentile(0.95), samples.percentile(0.99)};
    }

    mutable std::mutex mutex_;
    Samples samples_;
    mutable SentMeter sent_;
};

}  // namespace punktfunk::stream
