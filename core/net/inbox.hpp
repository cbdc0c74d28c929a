// What recvmmsg fills. A slot holds one datagram, or a run of datagrams of one source that the kernel has joined
// (UDP_GRO); both are read as datagrams.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/net/endpoint.hpp"

namespace punktfunk::net {

class Inbox {
  public:
    // Reads what `fd` holds without waiting. The number of messages, or -1 with errno. With `from`, one message and its
    // source.
    int fill(int fd, Endpoint* from);
    // The next datagram, valid until the next fill. False when there is none left.
    bool next(std::span<uint8_t>& out);
    // When the kernel had the message that next() is in (CLOCK_REALTIME), if it was asked to say so; else 0.
    [[nodiscard]] uint64_t arrived_ns() const { return arrived_ns_; }
    // Which of this machine's addresses that message was for, if it was asked to say so; else of length 0.
    [[nodiscard]] const Endpoint& destination() const { return destination_; }

  private:
    static constexpr size_t kSlots = 32;
    static constexpr size_t kSlotBytes = 65536;  // no UDP message is longer
    // Not a multiple of a page: the slots' first bytes must not all fall into the same sets of the cache.
    static constexpr size_t kStride = kSlotBytes + 33 * 64;
    struct Control {
        alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(timespec)) +
                                    CMSG_SPACE(sizeof(in6_pktinfo))];
    };

    std::unique_ptr<uint8_t[]> bytes_;  // made by the first fill: a socket that only sends needs none
    std::array<mmsghdr, kSlots> messages_{};
    std::array<iovec, kSlots> parts_{};
    std::array<Control, kSlots> controls_{};
    size_t filled_ = 0, slot_ = 0, offset_ = 0, segment_ = 0;
    uint64_t arrived_ns_ = 0;
    Endpoint destination_;

    void read_control(msghdr& message, size_t length);
};

}  // namespace punktfunk::net
