// Certificates and keys of OpenSSL, read strictly. Whoever includes it links OpenSSL.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::crypto {

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using Certificate = std::unique_ptr<X509, Deleter<::X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<::EVP_PKEY_free>>;

// The first certificate of an unencrypted PEM text, and its bytes, which must be DER to the letter: trust is in the
// bytes that a peer is shown, and OpenSSL would read looser encodings too and write them out anew. nullptr for anything
// else.
[[nodiscard]] Certificate read_certificate(const std::string& pem, Bytes& der);
// The same from DER.
[[nodiscard]] Certificate read_certificate(ByteView der);
// The first private key of an unencrypted PEM text; nullptr for anything else.
[[nodiscard]] Key read_private_key(const std::string& pem);

}  // namespace punktfunk::crypto
