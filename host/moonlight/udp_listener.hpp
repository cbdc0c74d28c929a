// A UDP port that sessions share: datagrams come in with where they came from and which of the host's addresses they
// were sent to; each sender has a socket of its own on the port. One thread (control), but for the senders.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/net/udp_socket.hpp"

namespace punktfunk::moonlight {

class UdpListener : public std::enable_shared_from_this<UdpListener> {
  public:
    // The ends are valid during the call; `to` has no port.
    using OnDatagram = std::function<void(ByteView datagram, const net::Endpoint& from, const net::Endpoint& to)>;

    // `bind` may be an IPv6 wildcard, which takes IPv4 as well; port 0 is any free one. Errors name the port.
    static Result<std::shared_ptr<UdpListener>> open(boost::asio::io_context& io, const boost::asio::ip::address& bind,
                                                     uint16_t port);
    UdpListener(boost::asio::io_context& io, net::UdpSocket socket, uint16_t port);

    void start(OnDatagram on_datagram);
    void stop();
    [[nodiscard]] uint16_t port() const { return port_; }
    // For another thread; aim it.
    [[nodiscard]] Result<net::UdpSocket> sender() const { return socket_.share(); }

  private:
    void wait();
    void read();

    net::UdpSocket socket_;
    boost::asio::posix::stream_descriptor readable_;
    OnDatagram on_datagram_;
    const uint16_t port_;
};

}  // namespace punktfunk::moonlight
