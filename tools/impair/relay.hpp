// A bad network between UDP programs: real sockets around two Links, one a direction.
//
// Everything that passes shares the two links, as it would share a wire. Each client of a route has a flow of its own:
// a socket from which its datagrams go on, so that the host tells clients apart and its answers find their way back.
//
// For punktfunk the relay needs a route for the control connection and one for every data port, which must have the
// same numbers on both sides: the host announces its data port in Welcome, and the client sends to that port of the
// address it connected to.
//
// The relay has a thread. stats() may be called from any. Datagrams over net::UdpSocket::kMaxDatagram do not pass.
#pragma once

#include <memory>
#include <vector>

#include "punktfunk/impair/link.hpp"
#include "punktfunk/net/udp_socket.hpp"

namespace punktfunk::impair {

struct Route {
    net::Endpoint listen, to;  // IPv4 or IPv6, each as it likes
};

struct RelaySettings {
    std::vector<Route> routes;
    LinkSettings to_client, to_host;
    uint64_t seed = 1;
    size_t max_flows = 64;  // at a time; a new one replaces the one that was silent longest
};

struct DirectionStats {
    LinkStats link;
    uint64_t delivered = 0, delivered_bytes = 0;  // handed to the kernel
    uint64_t overflowed = 0;                      // more than 256 MiB on their way at once
};

struct RelayStats {
    DirectionStats to_client, to_host;
    size_t flows = 0;
};

class Relay {
  public:
    // Listens when it returns.
    static Result<Relay> start(const RelaySettings& settings);
    Relay(Relay&&) noexcept;
    Relay& operator=(Relay&&) noexcept;
    ~Relay();

    // Where it listens, a port of 0 replaced by the one that was taken; in the order of the routes.
    [[nodiscard]] const std::vector<net::Endpoint>& listening() const;
    [[nodiscard]] RelayStats stats() const;
    // Another bottleneck, queue or delay towards the clients; losses stay as they are. Any thread. InvalidArgument as
    // by start().
    Result<void> reshape(const LinkSettings& to_client);

    // The cable is pulled, or plugged in again: while it is cut nothing passes, and nobody is told.
    void cut(bool cut);
    // What a NAT does that restarts, or a client that roams: every flow goes on from a new socket, bound to `local`
    // (port 0); the old ones swallow what still comes.
    void rebind(const net::Endpoint& local);

  private:
    struct State;
    explicit Relay(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::impair
