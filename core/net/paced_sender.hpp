// Sends a frame's datagrams as fast as the path takes them, and no faster (spec §8.7). One thread; waits with a
// timerfd.
#pragma once

#include <chrono>
#include <cstdint>

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/net/pacer.hpp"
#include "punktfunk/net/udp_socket.hpp"

namespace punktfunk::net {

class PacedSender {
  public:
    // A frame is never spread over more than this, however slow the pace.
    static constexpr std::chrono::milliseconds kLongestFrame{50};

    static Result<PacedSender> create();

    // What the path is asked to carry, headers of IPv4 and UDP counted; 0, as in the beginning: as fast as it comes.
    // One of less than half means that the path has collapsed.
    void set_pace(uint64_t bytes_per_second) {
        if (bytes_per_second < pace_ / 2) pacer_.expect_queue();
        pace_ = bytes_per_second;
    }
    // Datagrams of equal length, back to back. Returns when the last one was handed to the kernel.
    void send(UdpSocket& socket, std::span<const uint8_t> arena, size_t datagram_bytes);

  private:
    explicit PacedSender(UniqueFd timer) : timer_(std::move(timer)) {}
    void wait_until(SteadyClock::time_point when);
    Pacer pacer_;
    uint64_t pace_ = 0;
    UniqueFd timer_;
};

}  // namespace punktfunk::net
