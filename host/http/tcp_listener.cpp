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
    deadline_.async_wait([weak = weak_from_this()](error_code stopped) {
        if (const auto self = weak.lock(); self && !stopped) self->finish();
    });
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
    : options_(std::move(options)), make_(std::move(make)), acceptor_(io), retry_(io) {}

TcpListener::~TcpListener() {
    *alive_ = false;
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& connection : std::exchange(*all_, {})) connection->close();
}

Result<void> TcpListener::open() {
    const Tcp::endpoint& bind = options_.bind;
    error_code ec;
    acceptor_.open(bind.protocol(), ec);
    if (!ec) acceptor_.set_option(Tcp::acceptor::reuse_address(true), ec);
    if (!ec && bind.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(false), ec);
    if (!ec) acceptor_.bind(bind, ec);
    if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) {
        return fail(ErrorCode::Io, "listening on {} port {} (TCP): {}", bind.address().to_string(), bind.port(),
                    ec.message());
    }
    accept();
    return {};
}

Tcp::endpoint TcpListener::local() const {
    error_code ignored;
    return acceptor_.local_endpoint(ignored);
}

void TcpListener::accept() {
    acceptor_.async_accept([this, alive = alive_](error_code ec, Tcp::socket socket) {
        if (!*alive) return;
        if (ec) return accept_later(ec);
        if (make_room()) {
            const auto connection = make_(std::move(socket));
            connection->all_ = all_;
            all_->push_back(connection);
            connection->start();
        }
        accept();
    });
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

// Out of file descriptors, most likely: the next one would only be refused at once.
void TcpListener::accept_later(error_code why) {
    complaints_.say(fmt::format("{}: cannot accept connections: {}", options_.name, why.message()));
    retry_.expires_after(std::chrono::seconds(1));
    retry_.async_wait([this, alive = alive_](error_code cancelled) {
        if (*alive && !cancelled) accept();
    });
}

}  // namespace punktfunk::http
