#include "rtsp_listener.hpp"

#include <array>
#include <boost/asio/write.hpp>

#include "punktfunk/http/peer_address.hpp"
#include "punktfunk/http/tcp_listener.hpp"

namespace punktfunk::moonlight {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

// What the connections share. Each keeps it alive.
struct Shared {
    const RtspOptions options;
    const RtspHandler handler;
    http::RareLog complaints;
};

class Connection final : public http::TcpConnection {
  public:
    Connection(Tcp::socket socket, std::shared_ptr<Shared> shared)
        : TcpConnection(socket.get_executor()), shared_(std::move(shared)), socket_(std::move(socket)) {}

    void start() override {
        error_code gone;
        peer_ = socket_.remote_endpoint(gone).address();
        if (gone) return finish();
        error_code ignored;
        socket_.set_option(Tcp::no_delay(true), ignored);
        be_patient(shared_->options.patience);
        read();
    }
    [[nodiscard]] bool idle() const override { return !complete_; }

  private:
    [[nodiscard]] Tcp::socket& socket() override { return socket_; }

    void read() {
        socket_.async_read_some(asio::buffer(bytes_), [self = self_as<Connection>()](error_code ec, size_t size) {
            if (self->closed()) return;
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
        asio::async_write(socket_, asio::buffer(answer_), [self = self_as<Connection>()](error_code ec, size_t) {
            if (self->closed()) return;
            if (ec) return self->finish();
            self->linger();
        });
    }

    void refuse(std::string_view why) {
        shared_->complaints.say(fmt::format("{}: refused: {}", http::address_text(peer_), why));
        complete_ = true;
        linger();
    }

    std::shared_ptr<Shared> shared_;
    Tcp::socket socket_;
    asio::ip::address peer_;
    rtsp::RequestReader reader_;
    std::array<uint8_t, 4096> bytes_{};
    Bytes answer_;
    bool complete_ = false;
};

class Listener final : public RtspListener {
  public:
    Listener(asio::io_context& io, std::shared_ptr<Shared> shared)
        : listener_(io,
                    {.bind = shared->options.bind, .max_connections = shared->options.max_connections, .name = "RTSP"},
                    [shared](Tcp::socket socket) { return std::make_shared<Connection>(std::move(socket), shared); }) {}
    Result<void> open() { return listener_.open(); }
    [[nodiscard]] Tcp::endpoint local() const override { return listener_.local(); }
    [[nodiscard]] size_t connections() const override { return listener_.connections(); }

  private:
    http::TcpListener listener_;
};

}  // namespace

Result<std::unique_ptr<RtspListener>> RtspListener::listen(asio::io_context& io, RtspOptions options,
                                                           RtspHandler handler) {
    auto listener = std::make_unique<Listener>(
        io, std::make_shared<Shared>(std::move(options), std::move(handler), http::RareLog()));
    if (auto opened = listener->open(); !opened) return std::unexpected(std::move(opened.error()));
    return listener;
}

}  // namespace punktfunk::moonlight
