// A speed test's burst of filler (spec §4.10), on the send thread, in the pauses between frames: a frame waits for one
// unit at most.
#pragma once

#include <functional>
#include <optional>

#include "punktfunk/session/video_sender.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::native {

class ProbeBurst {
  public:
    using TimePoint = SteadyClock::time_point;
    // Clients of the first generation know one numbering of frames, and that the filler uses it up.
    ProbeBurst(const wire::ProbeRequest& request, bool own_numbers, TimePoint now);

    [[nodiscard]] TimePoint next() const;  // when the next unit is due
    [[nodiscard]] bool over(TimePoint now) const { return now >= end_; }
    // While it lasts, everything leaves at this pace at least.
    [[nodiscard]] uint64_t pace(const session::VideoSender& sender, uint8_t fec_percent) const;
    // One unit. An error is the session's.
    Result<void> send_unit(session::VideoSender& sender);
    [[nodiscard]] wire::ProbeResult result(TimePoint now) const;

  private:
    uint64_t bytes_per_second_;
    TimePoint start_, end_;
    session::Numbering numbering_;
    Bytes unit_;
    wire::ProbeResult counts_;
    wire::ProbeWireCounts wire_;
};

}  // namespace punktfunk::native
