#include "rtsp_listener.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <list>

#include "address_text.hpp"
#include "rare_log.hpp"

namespace punktfunk::moonlight {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

namespace {

constexpr auto kLingerPatience = 2s;  // for a peer to close after us

class Connection;

// What the connections share. Each keeps it alive.
struct Shared {
    const RtspOptions options;
    const RtspHandler handler;
    std::list<std::shared_ptr<Connection>> connections;  // the oldest first
    RareLog complaints;
    bool closed = false;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(Tcp::socket socket, std::shared_ptr<Shared> shared)
        : shared_(std::move(shared)), socket_(std::move(socket)), deadline_(socket_.get_executor()) {}

    void start() {
        error_code gone;
        peer_ = socket_.remote_endpoint(gone).address();
        if (gone) return finish();
        error_code ignored;
        socket_.set_option(Tcp::no_delay(true), ignored);
        be_patient(shared_->options.patience);
        read();
    }
    [[nodiscard]] bool unfinished() const { return !complete_; }
    void close() {
        if (std::exchange(closed_, true)) return;
        deadline_.cancel();
        error_code ignored;
        socket_.close(ignored);
    }
    void finish() {
        close();
        shared_->connections.remove(shared_from_this());
    }

  private:
    void be_patient(std::chrono::seconds patience) {
        deadline_.expires_after(patience);
        deadline_.async_wait([weak = weak_from_this()](error_code stopped) {
            if (auto self = weak.lock(); self && !stopped) self->finish();
        });
    }

    void read() {
        socket_.async_read_some(asio::buffer(bytes_), [self = shared_from_this()](error_code ec, size_t size) {
            if (self->closed_) return;
            if (ec) return self->finish();  // a probe that sends nothing ends here too
            self->take(ByteView(self->bytes_).first(size));
        });
    }

    void take(ByteView bytes) {
        const auto request = reader_.push(bytes);
        if (!request) return refuse(request.error().message);
        if (!*request) return read();
        complete_ = true;
        auto answer = shared_->handler(**request, peer_);
        if (!answer) return refuse("RTSP: a request for no session that was launched");
        answer_ = std::move(*answer);
        be_patient(shared_->options.patience);
        asio::async_write(socket_, asio::buffer(answer_), [self = shared_from_this()](error_code ec, size_t) {
            if (self->closed_) return;
            if (ec) return self->finish();
            self->shut_down();
        });
    }

    void refuse(std::string_view why) {
        shared_->complaints.say(fmt::format("{}: refused: {}", address_text(peer_), why));
        complete_ = true;
        shut_down();
    }

    void shut_down() {
        error_code ignored;
        socket_.shutdown(Tcp::socket::shutdown_send, ignored);
        be_patient(kLingerPatience);
        drain();
    }
    void drain() {
        socket_.async_read_some(asio::buffer(bytes_), [self = shared_from_this()](error_code ec, size_t) {
            if (self->closed_) return;
            if (ec) return self->finish();
            self->drain();
        });
    }

    std::shared_ptr<Shared> shared_;
    Tcp::socket socket_;
    asio::steady_timer deadline_;
    asio::ip::address peer_;
    rtsp::RequestReader reader_;
    std::array<uint8_t, 4096> bytes_{};
    Bytes answer_;
    bool complete_ = false, closed_ = false;
};

class Listener final : public RtspListener {
  public:
    Listener(asio::io_context& io, RtspOptions options, RtspHandler handler)
        : acceptor_(io), retry_(io), shared_(std::make_shared<Shared>(std::move(options), std::move(handler))) {}
    ~Listener() override {
        shared_->closed = true;
        error_code ignored;
        acceptor_.close(ignored);
        for (const auto& connection : std::exchange(shared_->connections, {})) connection->close();
    }

    Result<void> open() {
        const Tcp::endpoint& bind = shared_->options.bind;
        error_code ec;
        acceptor_.open(bind.protocol(), ec);
        if (!ec) acceptor_.set_option(Tcp::acceptor::reuse_address(true), ec);
        if (!ec && bind.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(false), ec);
        if (!ec) acceptor_.bind(bind, ec);
        if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
        if (ec)
            return fail(ErrorCode::Io, "listening on {} port {} (TCP): {}", bind.address().to_string(), bind.port(),
                        ec.message());
        accept();
        return {};
    }
    [[nodiscard]] Tcp::endpoint local() const override {
        error_code ignored;
        return acceptor_.local_endpoint(ignored);
    }
    [[nodiscard]] size_t connections() const override { return shared_->connections.size(); }

  private:
    void accept() {
        acceptor_.async_accept([this, shared = shared_](error_code ec, Tcp::socket socket) {
            if (shared->closed) return;
            if (ec) return accept_later(ec);
            if (make_room()) {
                shared->connections.push_back(std::make_shared<Connection>(std::move(socket), shared));
                const auto connection = shared->connections.back();  // starting may end it
                connection->start();
            }
            accept();
        });
    }
    bool make_room() {
        if (shared_->connections.size() < shared_->options.max_connections) return true;
        const auto oldest = std::ranges::find_if(shared_->connections, [](const auto& c) { return c->unfinished(); });
        if (oldest == shared_->connections.end()) return false;
        shared_->complaints.say(
            "RTSP: more connections than there is room for: the oldest that asks nothing is closed");
        const auto connection = *oldest;
        connection->finish();
        return true;
    }
    // Out of file descriptors, most likely: the next one would only be refused at once.
    void accept_later(error_code why) {
        shared_->complaints.say(fmt::format("RTSP: cannot accept connections: {}", why.message()));
        retry_.expires_after(1s);
        retry_.async_wait([this, shared = shared_](error_code cancelled) {
            if (!shared->closed && !cancelled) accept();
        });
    }

    Tcp::acceptor acceptor_;
    asio::steady_timer retry_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace

Result<std::unique_ptr<RtspListener>> RtspListener::listen(asio::io_context& io, RtspOptions options,
                                                           RtspHandler handler) {
    auto listener = std::make_unique<Listener>(io, std::move(options), std::move(handler));
    if (auto opened = listener->open(); !opened) return std::unexpected(std::move(opened.error()));
    return listener;
}

}  // namespace punktfunk::moonlight
