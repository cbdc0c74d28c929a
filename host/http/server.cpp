#include "punktfunk/http/server.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>

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
    Listener(asio::io_context& io, std::shared_ptr<Shared> shared)
        : listener_(io,
                    {.bind = shared->options.bind,
                     .max_connections = shared->options.max_connections,
                     .name = shared->tls ? "HTTPS" : "HTTP"},
                    [shared](Tcp::socket socket) { return make_connection(std::move(socket), shared); }) {}
    Result<void> open() { return listener_.open(); }
    [[nodiscard]] Tcp::endpoint local() const override { return listener_.local(); }
    [[nodiscard]] size_t connections() const override { return listener_.connections(); }

  private:
    TcpListener listener_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(asio::io_context& io, Options options, Handler handler) {
    auto shared = std::make_shared<Shared>(std::move(options), std::move(handler));
    if (shared->options.identity) {
        auto context = tls_context(*shared->options.identity);
        if (!context) return std::unexpected(std::move(context.error()));
        shared->tls = std::move(*context);
    }
    auto listener = std::make_unique<Listener>(io, std::move(shared));
    if (auto opened = listener->open(); !opened) return std::unexpected(std::move(opened.error()));
    return listener;
}

}  // namespace punktfunk::http
