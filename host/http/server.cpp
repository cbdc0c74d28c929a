#include "punktfunk/http/server.hpp"

#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "connection.hpp"

namespace punktfunk::http {

std::string_view Request::header(std::string_view name) const {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    for (const auto& [key, value] : headers) {
        if (std::ranges::equal(key, name, {}, lower, lower)) return value;
    }
    return {};
}

namespace {

using Tcp = asio::ip::tcp;

Result<std::unique_ptr<asio::ssl::context>> tls_context(const crypto::Identity& identity) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX* ssl = context->native_handle();
    boost::system::error_code ec;
    const auto use = [&](const std::string& pem) { return asio::const_buffer(pem.data(), pem.size()); };
    context->use_certificate(use(identity.certificate_pem), asio::ssl::context::pem, ec);
    if (!ec) context->use_private_key(use(identity.private_key_pem), asio::ssl::context::pem, ec);
    if (ec) return fail(ErrorCode::Crypto, "TLS: the host's certificate: {}", ec.message());
    SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
    // A peer is known by its certificate alone, so it shows it every time: nothing is resumed.
    SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ssl, 0);
    // Whether a certificate may do something is decided above; that its owner holds the key is checked all the same.
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    return context;
}

class Listener final : public Server {
  public:
    Listener(asio::io_context& io, Options options, Handler handler)
        : acceptor_(io), retry_(io), shared_(std::make_shared<Shared>(std::move(options), std::move(handler))) {}
    ~Listener() override {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        shared_->closed = true;
        const auto connections = std::exchange(shared_->connections, {});
        for (const auto& connection : connections) connection->abandon();
    }

    Result<void> open() {
        const Options& options = shared_->options;
        if (options.identity) {
            auto context = tls_context(*options.identity);
            if (!context) return std::unexpected(std::move(context.error()));
            shared_->tls = std::move(*context);
        }
        boost::system::error_code ec;
        acceptor_.open(options.bind.protocol(), ec);
        if (!ec) acceptor_.set_option(Tcp::acceptor::reuse_address(true), ec);
        if (!ec && options.bind.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(false), ec);
        if (!ec) acceptor_.bind(options.bind, ec);
        if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
        if (ec) {
            return fail(ErrorCode::Io, "listening on {} port {} (TCP): {}", options.bind.address().to_string(),
                        options.bind.port(), ec.message());
        }
        accept();
        return {};
    }

    [[nodiscard]] Tcp::endpoint local() const override {
        boost::system::error_code ignored;
        return acceptor_.local_endpoint(ignored);
    }
    [[nodiscard]] size_t connections() const override { return shared_->connections.size(); }

  private:
    void accept() {
        acceptor_.async_accept([this, shared = shared_](boost::system::error_code ec, Tcp::socket socket) {
            if (shared->closed) return;
            if (ec) return accept_later(ec);
            if (make_room()) {
                auto connection = make_connection(std::move(socket), shared);
                shared->connections.push_back(connection);
                connection->start();
            }
            accept();
        });
    }
    // Whoever asks nothing makes room for those who may: connections that only stand there keep nobody out.
    bool make_room() {
        if (shared_->connections.size() < shared_->options.max_connections) return true;
        const auto oldest = std::ranges::find_if(shared_->connections, [](const auto& c) { return c->idle(); });
        if (oldest == shared_->connections.end()) return false;
        const auto connection = *oldest;
        connection->finish();
        return true;
    }
    // Out of file descriptors, most likely: the next one would only be refused at once.
    void accept_later(boost::system::error_code why) {
        spdlog::warn("port {}: cannot accept connections: {}", local().port(), why.message());
        retry_.expires_after(std::chrono::seconds(1));
        retry_.async_wait([this, shared = shared_](boost::system::error_code cancelled) {
            if (!shared->closed && !cancelled) accept();
        });
    }

    Tcp::acceptor acceptor_;
    asio::steady_timer retry_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(asio::io_context& io, Options options, Handler handler) {
    auto listener = std::make_unique<Listener>(io, std::move(options), std::move(handler));
    if (auto opened = listener->open(); !opened) return std::unexpected(std::move(opened.error()));
    return listener;
}

}  // namespace punktfunk::http
