#include "tls.hpp"

namespace punktfunk::quic {

namespace {

constexpr char kPriorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%DISABLE_TLS13_COMPAT_MODE";
constexpr char kServerName[] = "punktfunk";

Result<TlsSession> make_session(unsigned flags, const Credentials& credentials, ngtcp2_crypto_conn_ref* reference) {
    gnutls_session_t raw = nullptr;
    if (gnutls_init(&raw, flags) != 0) return fail(ErrorCode::Internal, "GnuTLS session");
    TlsSession session(raw);
    if (const int rc = gnutls_priority_set_direct(raw, kPriorities, nullptr); rc != 0) {
        return fail(ErrorCode::Internal, "GnuTLS priorities: {}", gnutls_strerror(rc));
    }
    gnutls_credentials_set(raw, GNUTLS_CRD_CERTIFICATE, credentials.get());
    gnutls_session_set_ptr(raw, reference);
    return session;
}

void set_alpn(gnutls_session_t session, unsigned flags) {
    static unsigned char name[] = {'p', 'k', 'f', '1'};
    const gnutls_datum_t protocol{name, sizeof name};
    gnutls_alpn_set_protocols(session, &protocol, 1, flags);
}

}  // namespace

Result<Credentials> make_credentials(const crypto::Identity* identity, gnutls_certificate_verify_function* verify) {
    gnutls_certificate_credentials_t raw = nullptr;
    if (gnutls_certificate_allocate_credentials(&raw) != 0) return fail(ErrorCode::Internal, "GnuTLS credentials");
    Credentials credentials(raw);
    if (identity != nullptr) {
        const auto datum = [](const std::string& text) {
            return gnutls_datum_t{const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(text.data())),
                                  static_cast<unsigned>(text.size())};
        };
        const gnutls_datum_t certificate = datum(identity->certificate_pem), key = datum(identity->private_key_pem);
        if (const int rc = gnutls_certificate_set_x509_key_mem(raw, &certificate, &key, GNUTLS_X509_FMT_PEM); rc < 0) {
            return fail(ErrorCode::InvalidArgument, "the identity's certificate: {}", gnutls_strerror(rc));
        }
    }
    gnutls_certificate_set_verify_function(raw, verify);
    return credentials;
}

Result<TlsSession> make_client_session(const Credentials& credentials, ngtcp2_crypto_conn_ref* reference, Alpn alpn) {
    auto session = make_session(GNUTLS_CLIENT, credentials, reference);
    if (!session) return session;
    gnutls_server_name_set(session->get(), GNUTLS_NAME_DNS, kServerName, sizeof kServerName - 1);
    if (alpn == Alpn::Offer) set_alpn(session->get(), 0);
    if (ngtcp2_crypto_gnutls_configure_client_session(session->get()) != 0)
        return fail(ErrorCode::Internal, "QUIC on GnuTLS");
    return session;
}

Result<TlsSession> make_server_session(const Credentials& credentials, ngtcp2_crypto_conn_ref* reference) {
    auto session = make_session(GNUTLS_SERVER | GNUTLS_NO_AUTO_SEND_TICKET, credentials, reference);
    if (!session) return session;
    // Mandatory applies only to a client that sends the extension: a list without pkf1 is refused, none at all is the
    // seed's.
    set_alpn(session->get(), GNUTLS_ALPN_MANDATORY);
    gnutls_certificate_server_set_request(session->get(), GNUTLS_CERT_REQUEST);
    if (ngtcp2_crypto_gnutls_configure_server_session(session->get()) != 0)
        return fail(ErrorCode::Internal, "QUIC on GnuTLS");
    return session;
}

std::optional<crypto::Fingerprint> peer_fingerprint(gnutls_session_t session) {
    unsigned count = 0;
    const gnutls_datum_t* chain = gnutls_certificate_get_peers(session, &count);
    if (chain == nullptr || count == 0) return std::nullopt;
    return crypto::fingerprint_of({chain[0].data, chain[0].size});
}

}  // namespace punktfunk::quic
