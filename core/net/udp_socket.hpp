// A UDP socket that sends and receives in batches. Used for the data plane; one thread per direction.
//
// A datagram the kernel would not take (full buffer, ECONNREFUSED from an ICMP) counts as lost, never as an error
// (spec §4.1).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/net/endpoint.hpp"

namespace punktfunk::net {

// refused counts ICMP "port unreachable" answers: nobody listens at the peer's port any more.
struct SendStats {
    uint64_t packets = 0, bytes = 0, dropped_by_kernel = 0, refused = 0, system_calls = 0;
};

// Many datagrams of one length cross the kernel as one: UDP_SEGMENT on the way out, UDP_GRO on the way in. What the
// kernel or the device cannot do is left out by itself; a driver that does it wrongly is a reason to switch it off.
struct UdpOffload {
    bool send = true, receive = true;
};

class UdpSocket {
  public:
    static constexpr size_t kMaxDatagram = 2048;              // longer ones are dropped on receive
    static constexpr size_t kWantedBuffer = size_t{8} << 20;  // less deserves a warning (spec §4.1)

    // Binds address:port (port 0 = any). Buffers are requested at 32 MiB, best effort.
    static Result<UdpSocket> bind(const Endpoint& local, UdpOffload offload = {});
    UdpSocket(UdpSocket&&) noexcept;
    UdpSocket& operator=(UdpSocket&&) noexcept;
    ~UdpSocket();

    [[nodiscard]] Result<Endpoint> local_endpoint() const;
    Result<void> connect(const Endpoint& peer);
    // Another sender on the same port, for another thread and another peer: the buffers are shared too.
    [[nodiscard]] Result<UdpSocket> share() const;
    // In place of connect(): where this sender's datagrams go. With `local`, they come from that address of this
    // machine: peers behind a NAT or a firewall take answers only from where they asked. `traffic_class` is IPv4's type
    // of service and IPv6's traffic class.
    void aim(const Endpoint& peer, const Endpoint& local = {}, uint8_t traffic_class = 0);
    [[nodiscard]] int fd() const;

    // Sends datagrams of equal length `size` lying back to back in `arena` (the last may be shorter), to the peer. Uses
    // UDP GSO where the kernel has it (falls back per socket to sendmmsg). Returns the count handed over.
    size_t send_contiguous(std::span<const uint8_t> arena, size_t size);
    // One datagram to the peer.
    bool send(ByteView datagram);

    // What the kernel granted of the 32 MiB that each direction asked for.
    struct Buffers {
        size_t send = 0, receive = 0;
    };
    [[nodiscard]] Buffers buffers() const;

    // From now on arrived() knows. Costs a clock reading of the kernel's for every packet of the machine.
    void stamp_arrivals();
    // Inside receive()'s sink: when the kernel had this datagram, which may have waited for the thread since then.
    [[nodiscard]] SteadyClock::time_point arrived() const;

    // From now on destination() knows.
    void note_destinations();
    // Inside receive()'s sink: which of this machine's addresses the datagram was sent to, without a port. Of length 0
    // when the kernel does not say.
    [[nodiscard]] const Endpoint& destination() const;

    // Waits until readable or the timeout, then reads a batch and calls `sink(datagram)` for each; the span is writable
    // and valid during the call only. With `from` set, the batch is of one source, and `from` is set before the first
    // call. Returns the count. wake_fd (-1 = none) makes it return early.
    template <typename Sink>
    Result<size_t> receive(std::chrono::milliseconds timeout, int wake_fd, Sink&& sink, Endpoint* from = nullptr) {
        if (auto filled = fill(timeout, wake_fd, from); !filled) return std::unexpected(std::move(filled.error()));
        size_t count = 0;
        for (std::span<uint8_t> datagram; next_datagram(datagram); ++count) sink(datagram);
        return count;
    }

    [[nodiscard]] const SendStats& send_stats() const;

  private:
    struct State;
    explicit UdpSocket(std::unique_ptr<State> state);
    Result<void> fill(std::chrono::milliseconds timeout, int wake_fd, Endpoint* from);
    bool next_datagram(std::span<uint8_t>& out);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::net
