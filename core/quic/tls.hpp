// TLS 1.3 for the control connection: credentials once per endpoint, a session per connection (spec §1.2, §1.4).
#pragma once

#include <gnutls/gnutls.h>

#include <memory>
#include <optional>

#include "ngtcp2_compat.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::quic {

struct CredentialsDeleter {
    void operator()(gnutls_certificate_credentials_t credentials) const {
        gnutls_certificate_free_credentials(credentials);
    }
};
using Credentials = std::unique_ptr<std::remove_pointer_t<gnutls_certificate_credentials_t>, CredentialsDeleter>;

struct SessionDeleter {
    void operator()(gnutls_session_t session) const { gnutls_deinit(session); }
};
using TlsSession = std::unique_ptr<std::remove_pointer_t<gnutls_session_t>, SessionDeleter>;

// Without an identity: a client that shows no certificate. `verify` judges the peer's certificate by its fingerprint
// (it is only called when there is one); GnuTLS itself checks the CertificateVerify signature before the handshake
// completes, so the fingerprint is of a certificate whose key the peer holds.
Result<Credentials> make_credentials(const crypto::Identity* identity, gnutls_certificate_verify_function* verify);

enum class Alpn { Offer, None };
Result<TlsSession> make_client_session(const Credentials& credentials, ngtcp2_crypto_conn_ref* reference, Alpn alpn);
Result<TlsSession> make_server_session(const Credentials& credentials, ngtcp2_crypto_conn_ref* reference);

// Of the peer's leaf certificate; nullopt when it showed none.
std::optional<crypto::Fingerprint> peer_fingerprint(gnutls_session_t session);

}  // namespace punktfunk::quic
