// How fast a session's packets may follow each other. Pure; times are given.
//
// Never slower than the stream needs, with a quarter to spare: that much any path that can carry the stream takes
// without a queue. Faster when something says that the path is: what our own clients measure (PathReport), else loss
// reports without loss, each of which lets the pace grow by half. A report with loss takes all of it back for a while,
// since the pace may be the cause; longer each time, so that losses of another cause do not make it swing.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::rate {

class PaceController {
  public:
    static constexpr double kSpare = 1.25;     // times what the stream needs
    static constexpr double kOfThePath = 0.9;  // of what was measured
    static constexpr double kGrowth = 1.5;     // a loss-free report
    static constexpr double kMostGrowth = 64;  // times what the stream needs
    static constexpr uint32_t kLossPpm = 500;  // less is the network's own
    static constexpr std::chrono::seconds kFirstHold{5}, kLongestHold{600};

    // What is sent: the encoder's rate and the parity on top of it.
    void stream_is(uint32_t kbps, uint8_t fec_percent);
    void path_reported(uint32_t kbps) { path_kbps_ = kbps; }
    void loss_reported(uint32_t loss_ppm, SteadyClock::time_point now);
    // Headers of IPv4 and UDP counted.
    [[nodiscard]] uint64_t bytes_per_second(SteadyClock::time_point now) const;

  private:
    double stream_bytes_ = 0;
    std::optional<uint32_t> path_kbps_;
    double growth_ = kSpare;
    std::chrono::seconds hold_ = kFirstHold;
    SteadyClock::time_point held_until_{};
};

}  // namespace punktfunk::rate
