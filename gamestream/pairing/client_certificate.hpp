// The certificate a client wants to be known by (spec §3.4, Appendix C).
#pragma once

#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::pairing {

inline constexpr size_t kMaxCertificatePem = 8 * 1024;

struct ClientCertificate {
    Bytes der;        // what TLS will show: trust is equality of these bytes
    Bytes signature;  // X.509's signatureValue

    // RSASSA-PKCS1-v1_5 with SHA-256 under the certificate's key. Anything but a signature of the key's own length
    // fails.
    [[nodiscard]] bool verifies(ByteView message, ByteView signature_of_it) const;
};

// Exactly one certificate, of any X.509 version, any dates, any serial, self-signed or not, with an RSA key of 2048 to
// 8192 bits. ProtocolViolation otherwise.
[[nodiscard]] Result<ClientCertificate> parse_client_certificate(const std::string& pem);

}  // namespace punktfunk::pairing
