// The automatic bitrate: follows the path (docs/rate-control.md). Pure; times are given. One thread.
//
//   collapse   the frame under way trickles in at less than 0.7 of the stream's pace, for 20 ms or with losses:
//              down to 0.55 of that pace at once, so that the queue empties
//   trains     the path is slower than the stream: 0.85 of it
//   loss       a tenth and more: down to what arrives, unless the last time that was done the loss stayed as it was
//   delay      frames come 60 ms later than the quickest of late: a step down
//   otherwise  a quarter up every 300 ms, to 0.85 of what trains say the path carries
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/session/arrival_meter.hpp"

namespace punktfunk::client {

struct BitrateLimits {
    uint32_t least_kbps = 1000, most_kbps = 100'000;
};

struct PathObservation {
    session::ArrivalMeter::Window window;  // since the last observation
    std::optional<uint32_t> path_kbps, run_kbps;
    std::optional<int64_t> delay_ns;  // the smallest of the window: first packet of a frame less its pts, any offset
};

class BitrateController {
  public:
    using TimePoint = SteadyClock::time_point;
    BitrateController(uint32_t start_kbps, const BitrateLimits& limits, TimePoint now);

    // Every few tens of milliseconds while packets come. The rate to ask for when it is another than before.
    std::optional<uint32_t> observe(const PathObservation& seen, TimePoint now);
    [[nodiscard]] uint32_t rate_kbps() const { return rate_kbps_; }
    // Losses of these moments are the stream's own doing: more parity would not help.
    [[nodiscard]] bool collapsed(TimePoint now) const { return now < collapsed_until_; }

  private:
    [[nodiscard]] bool collapsing(const PathObservation& seen, TimePoint now);
    [[nodiscard]] std::optional<uint32_t> lossy(const PathObservation& seen, TimePoint now);
    [[nodiscard]] bool queueing(const PathObservation& seen, TimePoint now);
    [[nodiscard]] uint32_t video_of(double wire_kbps) const;
    std::optional<uint32_t> cut_to(uint32_t kbps, TimePoint now);
    std::optional<uint32_t> grow(const PathObservation& seen, TimePoint now);
    [[nodiscard]] double stream_kbps() const { return rate_kbps_ * wire_for_video_; }

    BitrateLimits limits_;
    uint32_t rate_kbps_;
    double wire_for_video_ = 1.28;  // parity and headers
    TimePoint grow_at_, collapsed_until_{}, listen_again_{};
    std::optional<TimePoint> slow_since_, crowded_since_;

    // Loss, in stretches of 200 ms.
    TimePoint stretch_began_{};
    uint64_t stretch_expected_ = 0, stretch_lost_ = 0, stretch_bytes_ = 0;
    double loss_at_cut_ = 0, unavoidable_loss_ = 0;

    // Delay: the smallest of this and of the previous ten seconds.
    TimePoint decade_began_{};
    std::optional<int64_t> decade_least_, last_decade_least_;
    int late_windows_ = 0;

    // A rate that losses or delay have ended at is approached slowly, until trains say that the path has changed.
    std::optional<uint32_t> ceiling_kbps_, path_at_ceiling_;
    TimePoint ceiling_until_{};
};

}  // namespace punktfunk::client
