#include "punktfunk/http/tcp_listener.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <utility>

namespace punktfunk::http {

using boost::system::error_code;

void TcpConnection::close() {
    if (std::exchange(closed_, true)) return;
    on_closed();
    deadline_.cancel();
    error_code ignored;
    socket().close(ignored);
}

void TcpConnection::finish() {
    const auto self = shared_from_this();
    close();
    if (all_) all_->remove(self);
}

void TcpConnection::be_patient(std::chrono::steady_clock::duration patience) {
    deadline_.expires_after(patience);
    deadline_.async_wait([weak = weak_from_this(), mine = ++patience_](error_code stopped) {
        if (const auto self = weak.lock(); self && !stopped && self->patience_ == mine) self->finish();
    });
}

void TcpConnection::wait_no_longer() {
    ++patience_;
    deadline_.cancel();
}

void TcpConnection::linger() {
    error_code ignored;
    socket().shutdown(Tcp::socket::shutdown_send, ignored);
    be_patient(kLingerPatience);
    drain();
}

void TcpConnection::drain() {
    socket().async_read_some(asio::buffer(drained_), [self = shared_from_this()](error_code ec, size_t) {
        if (self->closed_) return;
        if (ec) return self->finish();
        self->drain();
    });
}

TcpListener::TcpListener(asio::io_context& io, Options options, Make make)
    : options_(std::move(options)),
      make_(std::move(make)),
      acceptor_(io, options_.name, [this](Tcp::socket socket) { take(std::move(socket)); }) {}

TcpListener::~TcpListener() {
    acceptor_.close();
    for (const auto& connection : std::exchange(*all_, {})) connection->close();
}

Result<void> TcpListener::open() {
    const Tcp::endpoint& bind = options_.bind;
    auto& socket = acceptor_.socket();
    error_code ec;
    socket.open(bind.protocol(), ec);
    if (!ec) socket.set_option(Tcp::acceptor::reuse_address(true), ec);
    if (!ec && bind.address().is_v6()) socket.set_option(asio::ip::v6_only(false), ec);
    if (!ec) socket.bind(bind, ec);
    if (!ec) socket.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) {
        return fail(ErrorCode::Io, "listening on {} port {} (TCP): {}", bind.address().to_string(), bind.port(),
                    ec.message());
    }
    acceptor_.start();
    return {};
}

Tcp::endpoint TcpListener::local() const {
    error_code ignored;
    return acceptor_.socket().local_endpoint(ignored);
}

void TcpListener::take(Tcp::socket socket) {
    if (!make_room()) return;
    const auto connection = make_(std::move(socket));
    connection->all_ = all_;
    all_->push_back(connection);
    connection->start();
}

// Whoever asks nothing makes room for those who may: connections that only stand there keep nobody out.
bool TcpListener::make_room() {
    if (all_->size() < options_.max_connections) return true;
    const auto oldest = std::ranges::find_if(*all_, [](const auto& connection) { return connection->idle(); });
    complaints_.say(fmt::format("{}: more connections than there is room for: the oldest that asks nothing is closed",
                                options_.name));
    if (oldest == all_->end()) return false;
    const auto connection = *oldest;
    connection->finish();
    return true;
}

}  // namespace punktfunk::http
