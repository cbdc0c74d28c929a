// How fast packets may leave (spec §8.7): a token bucket over what the path carries, headers of IPv4 and UDP counted.
// Pure arithmetic; the caller waits.
//
// A path that is as fast as the pace never holds more than one burst of ours: what was not sent because a thread
// overslept is not made up for in one piece.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::net {

class Pacer {
  public:
    static constexpr size_t kBurstPackets = 16;                  // half of the smallest queue that routers have
    static constexpr std::chrono::microseconds kBurstTime{500};  // or this much of the pace, on fast paths
    static constexpr size_t kHeaderBytes = 28;

    // 0: everything leaves at once.
    void set_rate(uint64_t bytes_per_second) { rate_ = bytes_per_second; }

    struct Grant {
        size_t packets = 0;                      // these leave now, in one piece
        SteadyClock::time_point ask_again_at{};  // none do: not before then
    };
    // Of `wanted` (at least one) datagrams of `datagram_bytes`, seen at `now`. What is granted counts as sent.
    Grant take(size_t wanted, size_t datagram_bytes, SteadyClock::time_point now);
    // The path has become slower, and its queue is full of what was granted before: the next grant waits for its turn.
    void expect_queue() { queue_expected_ = true; }

  private:
    uint64_t rate_ = 0;
    bool queue_expected_ = false;
    SteadyClock::time_point sent_until_{};  // when the path, at this rate, has sent all that was granted
};

}  // namespace punktfunk::net
