// One GET, over TCP or TLS with a client certificate (spec §2.1). Blocking.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::moonlight_client {

struct HttpAnswer {
    int status = 0;
    std::string content_type;
    Bytes body;
};

struct HttpRequest {
    std::string ip;
    uint16_t port = 0;
    std::string target;  // path and query
    std::chrono::milliseconds patience{std::chrono::seconds(30)};
};

struct TlsEnds {
    const crypto::Identity* self = nullptr;  // nullptr: shows no certificate
    Bytes host_certificate;                  // DER; clients compare nothing else. Empty: not known yet
};

// ProtocolViolation for an answer whose length is not the one it announces, Crypto when the host is another one.
Result<HttpAnswer> http_get(const HttpRequest& request, const std::optional<TlsEnds>& tls = std::nullopt);

}  // namespace punktfunk::moonlight_client
