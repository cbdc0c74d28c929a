// A connection that became a WebSocket: the stream stays the connection's, the protocol on it is from now on this one.
#pragma once

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <memory>
#include <utility>

#include "punktfunk/http/tcp_listener.hpp"
#include "punktfunk/http/web_socket.hpp"

namespace punktfunk::http {

template <typename Stream>
class Upgraded final : public WebSocket {
    // Held by what is under way on it.
    class Core;

  public:
    using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

    // `stream` is a member of `connection`, which has nothing under way on it.
    Upgraded(std::shared_ptr<TcpConnection> connection, Stream& stream, UpgradeRequest request, size_t max_message,
             std::chrono::seconds patience)
        : core_(std::make_shared<Core>(std::move(connection), stream, std::move(request), max_message, patience)) {}
    ~Upgraded() override { core_->drop(); }
    Upgraded(const Upgraded&) = delete;

    void open(Events events) override { core_->open(std::move(events)); }
    void write(bool text, const std::array<asio::const_buffer, 2>& parts, Done done) override {
        core_->write(text, parts, std::move(done));
    }
    void close(uint16_t code, std::string_view reason) override { core_->close(code, reason); }

  private:
    std::shared_ptr<Core> core_;
};

template <typename Stream>
class Upgraded<Stream>::Core final : public std::enable_shared_from_this<Core> {
    using error_code = boost::system::error_code;

  public:
    Core(std::shared_ptr<TcpConnection> connection, Stream& stream, UpgradeRequest request, size_t max_message,
         std::chrono::seconds patience)
        : connection_(std::move(connection)), request_(std::move(request)), patience_(patience), socket_(stream) {
        // Pings a peer that is silent for 15 s, and ends when it is silent for 30.
        socket_.set_option(boost::beast::websocket::stream_base::timeout{.handshake_timeout = std::chrono::seconds(10),
                                                                         .idle_timeout = std::chrono::seconds(30),
                                                                         .keep_alive_pings = true});
        socket_.read_message_max(max_message);
        socket_.auto_fragment(false);
        // A message is "in the kernel's hands" when the network could take it, not when a buffer of megabytes has it.
        constexpr int kUnsent = 32 * 1024;
        (void)::setsockopt(boost::beast::get_lowest_layer(stream).native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT,
                           &kUnsent, sizeof kUnsent);
    }

    void open(Events events) {
        events_ = std::move(events);
        socket_.async_accept(request_, [self = this->shared_from_this()](error_code ec) {
            if (ec) return self->end();
            self->ready_ = true;
            self->start_write();
            self->say_goodbye();
            self->read();
        });
    }
    void write(bool text, const std::array<asio::const_buffer, 2>& parts, Done done) {
        if (over_) return;
        text_ = text;
        parts_ = parts;
        done_ = std::move(done);
        start_write();
    }
    void close(uint16_t code, std::string_view reason) {
        if (std::exchange(closing_, true)) return;
        reason_ = {static_cast<boost::beast::websocket::close_code>(code),
                   boost::beast::string_view(reason.data(), reason.size())};
        events_ = {};
        say_goodbye();
    }
    void drop() {
        events_ = {};
        if (!closing_) end();  // else the goodbye is on its way
    }

  private:
    void read() {
        socket_.async_read(buffer_, [self = this->shared_from_this()](error_code ec, size_t) {
            if (ec) return self->end();
            const auto data = self->buffer_.cdata();
            if (self->events_.message)
                self->events_.message(self->socket_.got_text(),
                                      {static_cast<const uint8_t*>(data.data()), data.size()});
            self->buffer_.consume(self->buffer_.size());
            if (!self->over_) self->read();
        });
    }
    void start_write() {
        if (!ready_ || writing_ || !done_ || saying_goodbye_) return;
        writing_ = true;
        // Beast's own patience begins anew with whatever the peer sends: who never reads must not be able to stay by
        // it.
        connection_->be_patient(patience_);
        socket_.text(text_);
        socket_.async_write(parts_, [self = this->shared_from_this()](error_code ec, size_t) {
            self->writing_ = false;
            auto done = std::exchange(self->done_, nullptr);
            if (ec) return self->end();
            if (self->over_) return;
            self->connection_->wait_no_longer();
            done();
            self->say_goodbye();
        });
    }
    void say_goodbye() {
        if (!ready_ || writing_ || !closing_ || std::exchange(saying_goodbye_, true)) return;
        connection_->be_patient(patience_);
        socket_.async_close(reason_, [self = this->shared_from_this()](error_code) { self->end(); });
    }
    void end() {
        if (std::exchange(over_, true)) return;
        if (!writing_) done_ = nullptr;  // else the parts must stay until the stream has let go of them
        connection_->finish();
        if (const auto tell = std::exchange(events_, {}).closed) tell();
    }

    const std::shared_ptr<TcpConnection> connection_;
    const UpgradeRequest request_;
    const std::chrono::seconds patience_;
    boost::beast::websocket::stream<Stream&> socket_;
    boost::beast::flat_buffer buffer_;
    Events events_;
    bool text_ = false;
    std::array<asio::const_buffer, 2> parts_;
    Done done_;
    boost::beast::websocket::close_reason reason_;
    bool ready_ = false, writing_ = false, closing_ = false, saying_goodbye_ = false, over_ = false;
};

}  // namespace punktfunk::http
