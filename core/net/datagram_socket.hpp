// A UDP socket on the event loop: reads in batches, sends at once, drops what the kernel will not take.
#pragma once

#include <array>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <functional>
#include <memory>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::net {

namespace asio = boost::asio;

class DatagramSocket : public std::enable_shared_from_this<DatagramSocket> {
  public:
    using Udp = asio::ip::udp;
    using OnDatagram = std::function<void(ByteView, const Udp::endpoint&)>;

    explicit DatagramSocket(asio::io_context& io) : socket_(io) {}

    Result<void> bind(const Udp::endpoint& local) {
        boost::system::error_code ec;
        socket_.open(local.protocol(), ec);
        if (!ec && local.address().is_v6()) socket_.set_option(asio::ip::v6_only(false), ec);
        if (!ec) socket_.bind(local, ec);
        if (!ec) socket_.non_blocking(true, ec);
        if (ec)
            return fail(ec == asio::error::access_denied ? ErrorCode::PermissionDenied : ErrorCode::Io, "UDP {}:{}: {}",
                        local.address().to_string(), local.port(), ec.message());
        return {};
    }

    void start(OnDatagram on_datagram) {
        on_datagram_ = std::move(on_datagram);
        wait();
    }

    void stop() {
        on_datagram_ = nullptr;
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    void send(ByteView datagram, const Udp::endpoint& to) {
        boost::system::error_code dropped;
        socket_.send_to(asio::buffer(datagram.data(), datagram.size()), to, 0, dropped);
    }

    [[nodiscard]] Udp::endpoint local() const {
        boost::system::error_code ec;
        return socket_.local_endpoint(ec);
    }

  private:
    static constexpr int kBatch = 64;

    void wait() {
        socket_.async_wait(Udp::socket::wait_read, [keep = shared_from_this(), this](boost::system::error_code ec) {
            if (ec) return;
            for (int i = 0; i < kBatch && on_datagram_; ++i) {
                Udp::endpoint from;
                const size_t length = socket_.receive_from(asio::buffer(buffer_), from, 0, ec);
                if (ec) break;              // drained, or an ICMP error of some earlier send
                if (length == 0) continue;  // legal in UDP, nothing in any protocol of ours (ngtcp2 asserts on it)
                const auto handler = on_datagram_;
                handler(ByteView(buffer_).first(length), from);
            }
            if (on_datagram_) wait();
        });
    }

    Udp::socket socket_;
    OnDatagram on_datagram_;
    std::array<uint8_t, 65536> buffer_{};
};

}  // namespace punktfunk::net
