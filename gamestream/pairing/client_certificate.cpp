#include "client_certificate.hpp"

#include <openssl/err.h>

#include "certificate_signature.hpp"

namespace punktfunk::pairing {

Result<ClientCertificate> parse_client_certificate(const std::string& pem) {
    if (pem.size() > kMaxCertificatePem)
        return fail(ErrorCode::ProtocolViolation, "the client's certificate is too long");
    constexpr std::string_view kBegin = "-----BEGIN";
    const size_t first = pem.find(kBegin);
    if (first != std::string::npos && pem.find(kBegin, first + 1) != std::string::npos)
        return fail(ErrorCode::ProtocolViolation, "the client sent more than one certificate");
    ClientCertificate client;
    const auto certificate = crypto::read_certificate(pem, client.der);
    if (!certificate) return fail(ErrorCode::ProtocolViolation, "the client's certificate cannot be read");
    EVP_PKEY* key = ::X509_get0_pubkey(certificate.get());
    const int bits = key != nullptr && ::EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? ::EVP_PKEY_get_bits(key) : 0;
    ::ERR_clear_error();
    if (bits < 2048 || bits > 8192)
        return fail(ErrorCode::ProtocolViolation, "the client's key is not RSA of 2048 to 8192 bits");
    client.signature = signature_value(*certificate);
    return client;
}

bool ClientCertificate::verifies(ByteView message, ByteView signature_of_it) const {
    const auto certificate = crypto::read_certificate(der);
    EVP_PKEY* key = certificate ? ::X509_get0_pubkey(certificate.get()) : nullptr;
    const std::unique_ptr<EVP_MD_CTX, crypto::Deleter<::EVP_MD_CTX_free>> context(::EVP_MD_CTX_new());
    const bool good = key != nullptr && context &&
                      signature_of_it.size() == static_cast<size_t>(::EVP_PKEY_get_size(key)) &&
                      ::EVP_DigestVerifyInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key) == 1 &&
                      ::EVP_DigestVerify(context.get(), signature_of_it.data(), signature_of_it.size(), message.data(),
                                         message.size()) == 1;
    ::ERR_clear_error();
    return good;
}

}  // namespace punktfunk::pairing
