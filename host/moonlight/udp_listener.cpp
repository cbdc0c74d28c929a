#include "udp_listener.hpp"

#include <fcntl.h>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::moonlight {

namespace {
constexpr int kBatch = 64;  // datagrams before the control thread does something else
}  // namespace

UdpListener::UdpListener(boost::asio::io_context& io, net::UdpSocket socket, uint16_t port)
    : socket_(std::move(socket)), readable_(io), port_(port) {}

Result<std::shared_ptr<UdpListener>> UdpListener::open(boost::asio::io_context& io,
                                                       const boost::asio::ip::address& bind, uint16_t port) {
    const auto local = net::Endpoint::parse(bind.to_string(), port);
    if (!local) return std::unexpected(local.error());
    auto socket = net::UdpSocket::bind(*local, {.receive = false});
    if (!socket) return std::unexpected(socket.error());
    socket->note_destinations();
    const auto bound = socket->local_endpoint();
    if (!bound) return std::unexpected(bound.error());
    UniqueFd watched(::fcntl(socket->fd(), F_DUPFD_CLOEXEC, 0));
    if (!watched) return fail_errno(errno, local->to_string());
    auto listener = std::make_shared<UdpListener>(io, std::move(*socket), bound->port());
    boost::system::error_code failed;
    listener->readable_.assign(watched.release(), failed);
    if (failed) return fail(ErrorCode::Io, "{}: {}", local->to_string(), failed.message());
    return listener;
}

void UdpListener::start(OnDatagram on_datagram) {
    on_datagram_ = std::move(on_datagram);
    wait();
}

void UdpListener::stop() {
    on_datagram_ = nullptr;
    boost::system::error_code ignored;
    readable_.close(ignored);
}

void UdpListener::wait() {
    readable_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [self = shared_from_this()](boost::system::error_code cancelled) {
                             if (cancelled) return;
                             self->read();
                             if (self->on_datagram_) self->wait();
                         });
}

void UdpListener::read() {
    for (int i = 0; i < kBatch && on_datagram_; ++i) {
        net::Endpoint from;
        const auto handler = on_datagram_;
        const auto got = socket_.receive(
            std::chrono::milliseconds(0), -1,
            [&](std::span<uint8_t> datagram) { handler(datagram, from, socket_.destination()); }, &from);
        if (!got || *got == 0) return;
    }
}

}  // namespace punktfunk::moonlight
