#include "connection.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <deque>
#include <sstream>
#include <type_traits>

#include "upgraded.hpp"

namespace punktfunk::http {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr size_t kReadAhead = 64 << 10;
constexpr size_t kMaxWaiting = 1 << 20;  // bytes of a stream that its reader may leave waiting

using PlainStream = asio::ip::tcp::socket;
using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

std::optional<Bytes> certificate_of(TlsStream& stream) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(stream.native_handle()),
                                                                  &X509_free);
    if (!certificate) return std::nullopt;
    Bytes der(static_cast<size_t>(std::max(i2d_X509(certificate.get(), nullptr), 0)));
    uint8_t* to = der.data();
    if (der.empty() || i2d_X509(certificate.get(), &to) <= 0) return std::nullopt;
    return der;
}

std::string text(beast::string_view view) {
    return {view.data(), view.size()};
}

beast::string_view path_of(beast::string_view target) {
    return target.substr(0, target.find('?'));
}

template <typename Stream>
class Session final : public TcpConnection {
    static constexpr bool kSecure = std::is_same_v<Stream, TlsStream>;
    class Answer;
    class Streaming;

  public:
    template <typename... Arguments>
    Session(std::shared_ptr<Shared> shared, asio::ip::tcp::socket accepted, Arguments&&... arguments)
        : TcpConnection(accepted.get_executor()),
          shared_(std::move(shared)),
          stream_(std::move(accepted), std::forward<Arguments>(arguments)...) {}

    void start() override {
        error_code ignored;
        peer_ = socket().remote_endpoint(ignored);
        local_ = socket().local_endpoint(ignored);
        socket().set_option(asio::ip::tcp::no_delay(true), ignored);
        if constexpr (kSecure) {
            be_patient(shared_->options.request_patience);
            stream_.async_handshake(asio::ssl::stream_base::server, [self = me()](error_code ec) {
                if (ec || self->closed()) return self->finish();
                self->certificate_ = certificate_of(self->stream_);
                self->read();
            });
        } else {
            read();
        }
    }
    [[nodiscard]] bool idle() const override { return !answering_ && !leaving_; }

  private:
    [[nodiscard]] std::shared_ptr<Session> me() { return self_as<Session>(); }
    void on_closed() override { gone_ = nullptr; }
    [[nodiscard]] asio::ip::tcp::socket& socket() override {
        if constexpr (kSecure) {
            return stream_.next_layer();
        } else {
            return stream_;
        }
    }

    // Idle until the first byte; from then on a request has its own time, however slowly it drips.
    void read() {
        if (buffer_.size() > 0) return read_request();
        be_patient(requests_ == 0 ? shared_->options.request_patience : shared_->options.idle_patience);
        receive();
    }

    // The first bytes of the next request. Also while an answer is being made: it tells that the peer has gone.
    void receive() {
        if (receiving_ || buffer_.size() > 0) return;
        receiving_ = true;
        stream_.async_read_some(buffer_.prepare(4096), [self = me()](error_code ec, size_t size) {
            self->receiving_ = false;
            if (self->closed()) return;
            if (ec && self->answering_) return self->peer_left();
            if (ec) return ec == asio::error::eof ? self->leave() : self->finish();
            self->buffer_.commit(size);
            if (!self->answering_) self->read_request();
        });
    }

    void read_request() {
        const Options& options = shared_->options;
        head_only_ = false;
        parser_.emplace();
        parser_->header_limit(static_cast<uint32_t>(options.max_header_bytes));
        parser_->body_limit(options.max_body_bytes);
        be_patient(options.request_patience);
        bhttp::async_read_header(stream_, buffer_, *parser_, [self = me()](error_code ec, size_t) {
            if (self->closed()) return;
            if (ec) return self->refuse(ec);
            self->read_body();
        });
    }

    // Within the request's own time still.
    void read_body() {
        const Options& options = shared_->options;
        head_only_ = parser_->get().method() == bhttp::verb::head;
        version_ = parser_->get().version();
        if (options.body_limit) {
            const auto& head = parser_->get();
            const size_t most = std::min(options.body_limit(text(head.method_string()), text(path_of(head.target()))),
                                         options.max_body_bytes);
            if (parser_->content_length().value_or(0) > most) return refuse(bhttp::error::body_limit);
            parser_->body_limit(most);
        }
        bhttp::async_read(stream_, buffer_, *parser_, [self = me()](error_code ec, size_t) {
            if (self->closed()) return;
            if (ec) return self->refuse(ec);
            self->dispatch();
        });
    }

    // Why a request could not be read, where its sender can be told.
    void refuse(error_code ec) {
        if (ec == bhttp::error::header_limit) return refuse(431, "the request's header is too large");
        if (ec == bhttp::error::body_limit) return refuse(413, "the request's body is too large");
        // The parser's other errors are all about bytes that are not HTTP.
        if (ec.category() == make_error_code(bhttp::error::bad_method).category() &&
            ec != bhttp::error::partial_message && ec != bhttp::error::end_of_stream) {
            return refuse(400, "not an HTTP request");
        }
        finish();
    }
    void refuse(unsigned status, std::string why) {
        keep_alive_ = false;
        if (shared_->options.refusal) return send(shared_->options.refusal(status, why));
        send({.status = status,
              .content_type = "text/plain; charset=utf-8",
              .body = std::move(why) + "\n",
              .headers = {}});
    }

    void dispatch() {
        upgrade_.reset();  // one that was not taken up is no request any more
        auto message = parser_->release();
        ++requests_;
        keep_alive_ = message.keep_alive();
        // What is no path here is for a proxy, or for nobody.
        if (message.target().empty() || message.target().front() != '/') return refuse(400, "the target is no path");
        Request request{.method = text(message.method_string()),
                        .path = text(path_of(message.target())),
                        .query = {},
                        .headers = {},
                        .body = std::move(message.body()),
                        .peer = peer_,
                        .local = local_,
                        .secure = kSecure,
                        .peer_certificate = certificate_};
        if (const auto mark = message.target().find('?'); mark != beast::string_view::npos)
            request.query = text(message.target().substr(mark + 1));
        for (const auto& field : message) request.headers.emplace_back(text(field.name_string()), text(field.value()));
        wait_no_longer();  // how long an answer takes is the handler's business
        answering_ = true;
        // What follows a request for a WebSocket is not HTTP's to read. Nor may anything follow it yet.
        const bool upgrade = beast::websocket::is_upgrade(message) && buffer_.size() == 0;
        if (upgrade) {
            message.body().clear();
            upgrade_.emplace(std::move(message));
        }
        auto answer = std::make_shared<Answer>(me(), std::move(request));
        if (!upgrade) receive();
        shared_->handler(std::move(answer));
    }

    void peer_left() {
        if (gone_) std::exchange(gone_, nullptr)();
        finish();
    }

    void send(Response response) {
        keep_alive_ = keep_alive_ && !response.close;
        outgoing_ = bhttp::response<bhttp::string_body>(static_cast<bhttp::status>(response.status), version_);
        set_head(outgoing_, response);
        outgoing_.body() = std::move(response.body);
        if (head_only_) {  // the length that a GET would have had, and no body
            const auto length = outgoing_.body().size();
            outgoing_.body().clear();
            outgoing_.content_length(length);
        } else {
            outgoing_.prepare_payload();
        }
        be_patient(shared_->options.write_patience);
        bhttp::async_write(stream_, outgoing_, [self = me()](error_code ec, size_t) {
            if (self->closed()) return;
            if (ec) return self->peer_left();
            self->gone_ = nullptr;
            self->answering_ = false;
            if (!self->keep_alive_) return self->shut_down();
            self->read();
        });
    }

    template <typename Message>
    void set_head(Message& message, const Response& response) {
        message.keep_alive(keep_alive_);
        if (!response.content_type.empty()) message.set(bhttp::field::content_type, response.content_type);
        for (const auto& [name, value] : response.headers) message.set(name, value);
    }

    void leave() {
        leaving_ = true;
        linger();
    }
    void shut_down() {
        answering_ = false;
        leaving_ = true;
        be_patient(kLingerPatience);
        if constexpr (kSecure) {
            // Sends our close at once; waits for the peer's.
            stream_.async_shutdown([self = me()](error_code) {
                if (!self->closed()) self->linger();
            });
        } else {
            linger();
        }
    }

    std::shared_ptr<Shared> shared_;
    Stream stream_;
    asio::ip::tcp::endpoint peer_, local_;
    std::optional<Bytes> certificate_;
    // Bounds what neither limit of the parser does: extensions of chunks, and trailers.
    beast::flat_buffer buffer_{kReadAhead + shared_->options.max_header_bytes};
    std::optional<bhttp::request_parser<bhttp::string_body>> parser_;
    bhttp::response<bhttp::string_body> outgoing_;
    std::optional<typename Upgraded<Stream>::UpgradeRequest> upgrade_;  // the request is one for a WebSocket
    std::function<void()> gone_;
    uint64_t requests_ = 0;
    unsigned version_ = 11;
    bool keep_alive_ = true, head_only_ = false;
    bool receiving_ = false, answering_ = false, leaving_ = false;
};

template <typename Stream>
class Session<Stream>::Answer final : public Exchange {
  public:
    Answer(std::shared_ptr<Session> session, Request request)
        : session_(std::move(session)), request_(std::move(request)) {}
    ~Answer() override {
        if (session_ && !session_->closed()) session_->finish();
    }
    [[nodiscard]] const Request& request() const override { return request_; }
    void on_gone(std::function<void()> gone) override {
        if (session_) session_->gone_ = std::move(gone);
    }
    void respond(Response response) override {
        const auto session = std::exchange(session_, nullptr);
        if (session && !session->closed()) session->send(std::move(response));
    }
    std::shared_ptr<BodyStream> stream(Response head) override;
    std::shared_ptr<WebSocket> upgrade(size_t max_message) override;

  private:
    std::shared_ptr<Session> session_;
    Request request_;
};

// Chunks, written one after the other; those that wait are bounded.
template <typename Stream>
class Session<Stream>::Streaming final : public BodyStream, public std::enable_shared_from_this<Streaming> {
  public:
    explicit Streaming(std::shared_ptr<Session> session) : session_(std::move(session)) {}
    ~Streaming() override {
        if (!ending_ && !session_->closed()) session_->finish();
    }

    void begin(const Response& head) {
        session_->keep_alive_ = false;
        bhttp::response<bhttp::empty_body> message(static_cast<bhttp::status>(head.status), session_->version_);
        session_->set_head(message, head);
        message.chunked(true);
        std::ostringstream text;
        text << message.base();
        enqueue(text.str() + (head.body.empty() ? std::string() : chunk(head.body)));
    }
    bool write(std::string_view data) override {
        if (session_->closed() || ending_) return false;
        if (data.empty()) return true;
        if (waiting_bytes_ + data.size() > kMaxWaiting) {
            session_->peer_left();
            return false;
        }
        enqueue(chunk(data));
        return true;
    }
    void close() override {
        if (std::exchange(ending_, true) || session_->closed()) return;
        enqueue("0\r\n\r\n");
    }

  private:
    static std::string chunk(std::string_view data) { return fmt::format("{:x}\r\n{}\r\n", data.size(), data); }
    void enqueue(std::string bytes) {
        waiting_bytes_ += bytes.size();
        waiting_.push_back(std::move(bytes));
        pump();
    }
    void pump() {
        if (writing_ || waiting_.empty() || session_->closed()) return;
        writing_ = true;
        current_ = std::move(waiting_.front());
        waiting_.pop_front();
        waiting_bytes_ -= current_.size();
        session_->be_patient(session_->shared_->options.write_patience);
        // The session lives as long as its write; this object may go before.
        asio::async_write(session_->stream_, asio::buffer(current_),
                          [self = this->shared_from_this(), session = session_](error_code ec, size_t) {
                              self->writing_ = false;
                              if (session->closed()) return;
                              if (ec) return session->peer_left();
                              session->wait_no_longer();
                              if (!self->waiting_.empty()) return self->pump();
                              if (self->ending_) session->shut_down();
                          });
    }

    std::shared_ptr<Session> session_;
    std::deque<std::string> waiting_;
    std::string current_;
    size_t waiting_bytes_ = 0;  // of all in waiting_
    bool writing_ = false, ending_ = false;
};

template <typename Stream>
std::shared_ptr<BodyStream> Session<Stream>::Answer::stream(Response head) {
    const auto session = std::exchange(session_, nullptr);
    auto streaming = std::make_shared<Streaming>(session);
    streaming->begin(head);
    return streaming;
}

template <typename Stream>
std::shared_ptr<WebSocket> Session<Stream>::Answer::upgrade(size_t max_message) {
    if (!session_ || session_->closed() || !session_->upgrade_) return nullptr;
    const auto session = std::exchange(session_, nullptr);
    auto request = *std::exchange(session->upgrade_, std::nullopt);
    return std::make_shared<Upgraded<Stream>>(session, session->stream_, std::move(request), max_message,
                                              session->shared_->options.message_patience);
}

}  // namespace

std::shared_ptr<TcpConnection> make_connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared) {
    asio::ssl::context* tls = shared->tls.get();
    if (tls != nullptr) return std::make_shared<Session<TlsStream>>(std::move(shared), std::move(socket), *tls);
    return std::make_shared<Session<PlainStream>>(std::move(shared), std::move(socket));
}

}  // namespace punktfunk::http
