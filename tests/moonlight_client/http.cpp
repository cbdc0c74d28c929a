#include "http.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "punktfunk/crypto/x509.hpp"
#include "tcp.hpp"

namespace punktfunk::moonlight_client {

namespace {

constexpr size_t kMaxAnswer = 8 << 20;

using Context = std::unique_ptr<SSL_CTX, crypto::Deleter<::SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, crypto::Deleter<::SSL_free>>;

std::string openssl_reason() {
    std::array<char, 200> text{};
    ::ERR_error_string_n(::ERR_get_error(), text.data(), text.size());
    ::ERR_clear_error();
    return text.data();
}

Result<Bytes> talk_tls(TcpStream& tcp, std::string_view text, const TlsEnds& ends) {
    const Context context(::SSL_CTX_new(::TLS_client_method()));
    ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    if (ends.self != nullptr) {
        Bytes der;
        const auto certificate = crypto::read_certificate(ends.self->certificate_pem, der);
        const auto key = crypto::read_private_key(ends.self->private_key_pem);
        if (!certificate || !key || ::SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
            ::SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
            return fail(ErrorCode::InvalidArgument, "the client's identity cannot be used for TLS");
        }
    }
    const Tls tls(::SSL_new(context.get()));
    ::SSL_set_fd(tls.get(), tcp.fd());
    if (::SSL_connect(tls.get()) != 1) return fail(ErrorCode::Crypto, "TLS handshake: {}", openssl_reason());
    const crypto::Certificate shown(::SSL_get1_peer_certificate(tls.get()));
    uint8_t* bytes = nullptr;
    const int length = ::i2d_X509(shown.get(), &bytes);
    const Bytes der(bytes, bytes + std::max(length, 0));
    ::OPENSSL_free(bytes);
    if (!ends.host_certificate.empty() && der != ends.host_certificate)
        return fail(ErrorCode::Crypto, "the host shows another certificate than the one it paired with");
    if (::SSL_write(tls.get(), text.data(), static_cast<int>(text.size())) <= 0)
        return fail(ErrorCode::Io, "TLS: {}", openssl_reason());
    Bytes all;
    std::array<uint8_t, 16384> piece;
    for (;;) {
        const int got = ::SSL_read(tls.get(), piece.data(), piece.size());
        if (got > 0) {
            all.insert(all.end(), piece.begin(), piece.begin() + got);
            if (all.size() > kMaxAnswer) return fail(ErrorCode::ProtocolViolation, "the answer does not end");
            continue;
        }
        // Whether all of it is there, Content-Length tells, as it does to clients.
        if (::SSL_get_error(tls.get(), got) == SSL_ERROR_ZERO_RETURN || !all.empty()) return all;
        return fail(ErrorCode::Io, "TLS ends without saying so: {}", openssl_reason());
    }
}

Result<Bytes> talk_plain(TcpStream& tcp, std::string_view text) {
    if (auto sent = tcp.write({reinterpret_cast<const uint8_t*>(text.data()), text.size()}); !sent)
        return std::unexpected(sent.error());
    return tcp.read_to_end(kMaxAnswer);
}

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

Result<HttpAnswer> http_get(const HttpRequest& request, const std::optional<TlsEnds>& tls) {
    auto tcp = TcpStream::connect(request.ip, request.port, request.patience);
    if (!tcp) return std::unexpected(tcp.error());
    const std::string text = fmt::format("GET {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: Mozilla/5.0\r\n\r\n",
                                         request.target, request.ip, request.port);
    auto bytes = tls ? talk_tls(*tcp, text, *tls) : talk_plain(*tcp, text);
    if (!bytes) return std::unexpected(std::move(bytes.error()).in(request.target.substr(0, request.target.find('?'))));
    const std::string_view all(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    const size_t head_end = all.find("\r\n\r\n");
    if (!all.starts_with("HTTP/1.1 ") || head_end == std::string_view::npos)
        return fail(ErrorCode::ProtocolViolation, "no HTTP answer, of {} bytes", all.size());
    HttpAnswer answer;
    std::from_chars(all.data() + 9, all.data() + head_end, answer.status);
    std::string_view head = all.substr(0, head_end + 2);
    std::optional<size_t> announced;
    for (head.remove_prefix(head.find("\r\n") + 2); !head.empty(); head.remove_prefix(head.find("\r\n") + 2)) {
        const std::string_view line = head.substr(0, head.find("\r\n"));
        const size_t colon = std::min(line.find(':'), line.size() - 1);
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size()));
        if (same_name(name, "content-type")) answer.content_type = value;
        if (same_name(name, "content-length"))
            std::from_chars(value.data(), value.data() + value.size(), announced.emplace());
    }
    const std::string_view body = all.substr(head_end + 4);
    if (announced != body.size())
        return fail(ErrorCode::ProtocolViolation, "Content-Length is {}, the body has {}", announced.value_or(0),
                    body.size());
    answer.body.assign(body.begin(), body.end());
    return answer;
}

}  // namespace punktfunk::moonlight_client
