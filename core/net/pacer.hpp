// When to send what of a frame (spec §8.7): the first burst at once, the rest in groups spread over 90 % of the time
// that is left until the frame's deadline. Pure arithmetic; the caller waits.
#pragma once

#include <chrono>
#include <cstddef>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::net {

struct PacerConfig {
    size_t burst_bytes = 128 * 1024;
    size_t group_packets = 16;
    // What is due within this time is not waited for: it leaves with what is due now, in one piece.
    std::chrono::microseconds slack{500};
};

class FramePacer {
  public:
    FramePacer(const PacerConfig& config, size_t packets, size_t packet_bytes, SteadyClock::time_point now,
               SteadyClock::time_point deadline);

    struct Run {
        size_t first = 0, count = 0;
        SteadyClock::time_point send_at;  // do not send before
    };
    // The next packets to send, seen at `now`. False when the frame is through. A late frame (deadline passed) is one
    // unpaced run.
    bool next(SteadyClock::time_point now, Run& out);

  private:
    [[nodiscard]] SteadyClock::time_point due(size_t packet) const;

    size_t packets_, burst_packets_, group_packets_, groups_, position_ = 0;
    std::chrono::nanoseconds slack_, budget_;
    SteadyClock::time_point start_;
};

}  // namespace punktfunk::net
