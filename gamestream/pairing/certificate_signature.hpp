// The signature inside a certificate, which GameStream's hashes take for the certificate.
#pragma once

#include "punktfunk/crypto/x509.hpp"

namespace punktfunk::pairing {

[[nodiscard]] inline Bytes signature_value(const X509& certificate) {
    const ASN1_BIT_STRING* signature = nullptr;
    ::X509_get0_signature(&signature, nullptr, &certificate);
    const uint8_t* data = ::ASN1_STRING_get0_data(signature);
    return {data, data + ::ASN1_STRING_length(signature)};
}

}  // namespace punktfunk::pairing
