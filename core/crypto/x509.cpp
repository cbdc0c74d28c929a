#include "punktfunk/crypto/x509.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

namespace punktfunk::crypto {

namespace {

using Bio = std::unique_ptr<BIO, Deleter<::BIO_free_all>>;

Bio reading(const std::string& text) {
    return Bio(::BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Bytes der_of(X509* certificate) {
    Bytes der(static_cast<size_t>(std::max(0, ::i2d_X509(certificate, nullptr))));
    uint8_t* end = der.data();
    ::i2d_X509(certificate, &end);
    return der;
}

// An encrypted file must fail, not ask the terminal for a passphrase.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

}  // namespace

Certificate read_certificate(ByteView der) {
    const uint8_t* end = der.data();
    Certificate certificate(::d2i_X509(nullptr, &end, static_cast<long>(der.size())));
    ::ERR_clear_error();
    if (!certificate || end != der.data() + der.size() || !std::ranges::equal(der_of(certificate.get()), der))
        return nullptr;
    return certificate;
}

Certificate read_certificate(const std::string& pem, Bytes& der) {
    uint8_t* data = nullptr;
    long length = 0;
    const int found =
        ::PEM_bytes_read_bio(&data, &length, nullptr, PEM_STRING_X509, reading(pem).get(), no_passphrase, nullptr);
    ::ERR_clear_error();
    if (found != 1) return nullptr;
    der.assign(data, data + length);
    OPENSSL_free(data);
    return read_certificate(der);
}

Key read_private_key(const std::string& pem) {
    Key key(::PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_passphrase, nullptr));
    ::ERR_clear_error();
    return key;
}

}  // namespace punktfunk::crypto
