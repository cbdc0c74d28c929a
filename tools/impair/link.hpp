// One direction of a bad network, as arithmetic: no socket, no clock, no thread, no bytes. A datagram's length and time
// go in, the times at which it leaves come out: none when it is lost, two when it is doubled.
//
// In the order of a real path: a bottleneck of a given rate with a queue in front, which drops from its tail; then the
// wire, which loses; then duplication; then delay, jitter and reordering. Each of the four takes its chances from a
// generator of its own, so that the same seed loses the same datagrams whatever else is asked for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/impair/loss_chain.hpp"
#include "punktfunk/impair/random.hpp"

namespace punktfunk::impair {

using TimePoint = SteadyClock::time_point;

struct LinkSettings {
    double loss = 0;                     // share of datagrams lost, 0 to 1
    double burst = 0;                    // mean run of losses in datagrams; 0: independent losses
    std::chrono::nanoseconds delay{0};   // of every datagram
    std::chrono::nanoseconds jitter{0};  // more, of 0 to this, evenly; datagrams overtake each other by it
    double reorder = 0;                  // share of datagrams held back for reorder_delay, so that later ones overtake
    std::chrono::nanoseconds reorder_delay{std::chrono::milliseconds(2)};
    double duplicate = 0;         // share of datagrams that arrive twice
    uint64_t rate_bps = 0;        // bits a second, headers of IPv4 and UDP counted; 0: no bottleneck
    size_t queue_packets = 1000;  // what may wait in front of the bottleneck; 0: any number
    size_t queue_bytes = 0;

    // InvalidArgument names the field.
    [[nodiscard]] Result<void> validate() const;
};

struct LinkStats {
    uint64_t offered = 0, offered_bytes = 0;
    uint64_t queue_dropped = 0, lost = 0, duplicated = 0, held_back = 0;
    // Departures so far, duplicates among them.
    [[nodiscard]] uint64_t departures() const { return offered - queue_dropped - lost + duplicated; }
};

class Departures {
  public:
    void add(TimePoint when) { times_[count_++] = when; }
    [[nodiscard]] const TimePoint* begin() const { return times_.data(); }
    [[nodiscard]] const TimePoint* end() const { return times_.data() + count_; }
    [[nodiscard]] size_t size() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] TimePoint front() const { return times_[0]; }

  private:
    std::array<TimePoint, 2> times_;
    size_t count_ = 0;
};

class Link {
  public:
    static constexpr size_t kHeaderBytes = 28;  // IPv4 and UDP

    // `settings` must be valid.
    Link(const LinkSettings& settings, uint64_t seed);

    // `now` never goes back.
    Departures push(size_t bytes, TimePoint now);
    [[nodiscard]] const LinkStats& stats() const { return stats_; }
    // From the next datagram on; what waits already leaves at its time. `settings` must be valid, its losses as before.
    void reshape(const LinkSettings& settings) { settings_ = settings; }

  private:
    struct Queued {
        TimePoint sent;
        size_t bytes;
    };
    bool pass_bottleneck(size_t bytes, TimePoint& now);
    bool lose();
    TimePoint travel(TimePoint from);

    LinkSettings settings_;
    LossChain chain_;
    Random loss_random_, duplicate_random_, reorder_random_, jitter_random_;
    bool bad_;
    std::deque<Queued> queue_;  // the one being sent is its front
    size_t queued_bytes_ = 0;
    LinkStats stats_;
};

}  // namespace punktfunk::impair
