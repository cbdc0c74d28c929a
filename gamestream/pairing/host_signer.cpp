#include "host_signer.hpp"

#include <openssl/err.h>

#include "certificate_signature.hpp"

namespace punktfunk::pairing {

struct HostSigner::PrivateKey {
    crypto::Key key;
};

HostSigner::HostSigner(std::string pem, Bytes signature, std::unique_ptr<PrivateKey> key)
    : certificate_pem_(std::move(pem)), certificate_signature_(std::move(signature)), key_(std::move(key)) {}
HostSigner::HostSigner(HostSigner&&) noexcept = default;
HostSigner& HostSigner::operator=(HostSigner&&) noexcept = default;
HostSigner::~HostSigner() = default;

Result<HostSigner> HostSigner::create(const crypto::Identity& identity) {
    const auto certificate = crypto::read_certificate(identity.certificate_der);
    auto key = crypto::read_private_key(identity.private_key_pem);
    if (!certificate || !key) return fail(ErrorCode::InvalidArgument, "the host's identity cannot be read");
    if (::EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
        return fail(
            ErrorCode::InvalidArgument,
            "the host's key is not RSA, and GameStream clients take no other: delete the identity to get a new one");
    }
    return HostSigner(identity.certificate_pem, signature_value(*certificate),
                      std::make_unique<PrivateKey>(PrivateKey{std::move(key)}));
}

Result<Bytes> HostSigner::sign(ByteView message) const {
    const std::unique_ptr<EVP_MD_CTX, crypto::Deleter<::EVP_MD_CTX_free>> context(::EVP_MD_CTX_new());
    Bytes signature(static_cast<size_t>(::EVP_PKEY_get_size(key_->key.get())));
    size_t length = signature.size();
    if (!context || ::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr, key_->key.get()) != 1 ||
        ::EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) != 1) {
        ::ERR_clear_error();
        return fail(ErrorCode::Crypto, "OpenSSL could not sign with the host's key");
    }
    signature.resize(length);
    return signature;
}

}  // namespace punktfunk::pairing
