// Identities and the PIN ceremony, spec §9.6.
#include <algorithm>

#include "boundary.hpp"
#include "punktfunk/client/pairing_client.hpp"
#include "punktfunk/wire/utf8.hpp"

using namespace punktfunk;
using abi::guard;

PunktfunkStatus punktfunk_generate_identity(char* cert_out, uintptr_t cert_cap, char* key_out, uintptr_t key_cap) {
    return guard([&]() -> PunktfunkStatus {
        if (cert_out == nullptr || key_out == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        const auto identity = crypto::generate_identity(crypto::IdentityKind::Client);
        if (!identity) return PUNKTFUNK_STATUS_IO;
        const std::string& certificate = identity->certificate_pem;
        const std::string& key = identity->private_key_pem;
        if (certificate.size() >= cert_cap || key.size() >= key_cap) return PUNKTFUNK_STATUS_INVALID_ARG;
        std::copy_n(certificate.c_str(), certificate.size() + 1, cert_out);
        std::copy_n(key.c_str(), key.size() + 1, key_out);
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_pair(const char* host, uint16_t port, const char* cert_pem, const char* key_pem,
                               const char* pin, const char* name, uint8_t* host_sha256_out, uint32_t timeout_ms) {
    return guard([&]() -> PunktfunkStatus {
        const auto is_text = [](const char* text) { return text != nullptr && wire::is_utf8(text); };
        if (!is_text(host) || !is_text(cert_pem) || !is_text(key_pem) || !is_text(pin) || !is_text(name) ||
            host_sha256_out == nullptr) {
            return PUNKTFUNK_STATUS_NULL_POINTER;
        }
        const auto identity = crypto::parse_identity(cert_pem, key_pem);
        if (!identity) return PUNKTFUNK_STATUS_INVALID_ARG;
        const auto paired = client::pair(host, port, *identity, pin, name, std::chrono::milliseconds(timeout_ms));
        if (paired) {
            std::ranges::copy(*paired, host_sha256_out);
            return PUNKTFUNK_STATUS_OK;
        }
        // Refused is CRYPTO here, as a wrong PIN is; a host that just hangs up is IO.
        switch (paired.error().code) {
            case ErrorCode::Rejected:
                return PUNKTFUNK_STATUS_CRYPTO;
            case ErrorCode::Closed:
                return PUNKTFUNK_STATUS_IO;
            default:
                return abi::status_of(paired.error());
        }
    });
}
