// A UDP socket that sends and receives in batches. Used for the data plane; one thread per direction.
//
// A datagram the kernel would not take (full buffer, ECONNREFUSED from an ICMP) counts as lost, never as an error
// (spec §4.1).
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::net {

struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length = 0;
    [[nodiscard]] static Result<Endpoint> parse(std::string_view ip_literal, uint16_t port);
    [[nodiscard]] uint16_t port() const;
    void set_port(uint16_t port);
    [[nodiscard]] bool same_address(const Endpoint& other) const;  // address without the port
    [[nodiscard]] std::string to_string() const;                   // "192.0.2.1:9777"
    [[nodiscard]] std::string address_string() const;
};

// refused counts ICMP "port unreachable" answers: nobody listens at the peer's port any more.
struct SendStats {
    uint64_t packets = 0, bytes = 0, dropped_by_kernel = 0, refused = 0, system_calls = 0;
};

class UdpSocket {
  public:
    static constexpr size_t kMaxDatagram = 2048;  // longer ones are dropped on receive

    // Binds address:port (port 0 = any). Buffers are requested at 32 MiB, best effort.
    static Result<UdpSocket> bind(const Endpoint& local);
    UdpSocket(UdpSocket&&) noexcept;
    UdpSocket& operator=(UdpSocket&&) noexcept;
    ~UdpSocket();

    [[nodiscard]] Result<Endpoint> local_endpoint() const;
    Result<void> connect(const Endpoint& peer);
    [[nodiscard]] int fd() const;

    // Sends datagrams of equal length `size` lying back to back in `arena` (the last may be shorter), to the connected
    // peer. Uses UDP GSO where the kernel has it (falls back per socket to sendmmsg). Returns the count handed over.
    size_t send_contiguous(std::span<const uint8_t> arena, size_t size);
    // One datagram to the connected peer (the punch).
    bool send(ByteView datagram);

    // Waits until readable or the timeout, then reads a batch and calls `sink(datagram)` for each; the span is writable
    // and valid during the call only. With `from` set, it receives the source of the *last* datagram. Returns the
    // count. wake_fd (-1 = none) makes it return early.
    template <typename Sink>
    Result<size_t> receive(std::chrono::milliseconds timeout, int wake_fd, Sink&& sink, Endpoint* from = nullptr) {
        auto count = fill(timeout, wake_fd, from);
        if (!count) return count;
        for (size_t i = 0; i < *count; ++i) sink(batch_datagram(i));
        return count;
    }

    [[nodiscard]] const SendStats& send_stats() const;

  private:
    struct State;
    explicit UdpSocket(std::unique_ptr<State> state);
    Result<size_t> fill(std::chrono::milliseconds timeout, int wake_fd, Endpoint* from);
    std::span<uint8_t> batch_datagram(size_t index);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::net
