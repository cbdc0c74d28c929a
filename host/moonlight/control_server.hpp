// The control port (spec §5): one dual-stack UDP socket, and behind it an ENet host for every session.
//
// ENet as it is packaged speaks IPv4 only and takes datagrams from anybody. So it never sees the socket: the server
// reads the datagrams, and only those of a client that a session waits for reach that session's ENet. A client is let
// in by the connect data of its handshake (spec §5.1); what else arrives is dropped without an answer. Control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <memory>

#include "control_peer.hpp"

namespace punktfunk::moonlight {

class ControlServer {
  public:
    // Errors name the port. `bind` may be an IPv6 wildcard, which takes IPv4 as well; port 0 is any free one.
    static Result<std::unique_ptr<ControlServer>> create(boost::asio::io_context& io,
                                                         const boost::asio::ip::address& bind, uint16_t port);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;

    [[nodiscard]] uint16_t port() const;
    // From now on the client may connect; until the peer is let go of.
    [[nodiscard]] Result<std::unique_ptr<ControlPeer>> expect(const ControlClient& client, ControlEvents events);

  private:
    struct State;
    explicit ControlServer(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;  // asio's handlers and the peers hold it too
};

}  // namespace punktfunk::moonlight
