#include "ceremony.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>

#include "punktfunk/crypto/random.hpp"
#include "punktfunk/crypto/x509.hpp"

namespace punktfunk::moonlight_client {

namespace {

constexpr size_t kBlock = 16;

Bytes join(std::initializer_list<ByteView> parts) {
    Bytes all;
    for (const ByteView part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

Bytes sha256(ByteView text) {
    Bytes hash(SHA256_DIGEST_LENGTH);
    ::SHA256(text.data(), text.size(), hash.data());
    return hash;
}

// Whole blocks, no padding.
Bytes aes_ecb(ByteView key, ByteView text, bool encrypt) {
    const std::unique_ptr<EVP_CIPHER_CTX, crypto::Deleter<::EVP_CIPHER_CTX_free>> context(::EVP_CIPHER_CTX_new());
    Bytes out(text.size() + kBlock);
    int length = 0;
    ::EVP_CipherInit_ex(context.get(), ::EVP_aes_128_ecb(), nullptr, key.data(), nullptr, encrypt ? 1 : 0);
    ::EVP_CIPHER_CTX_set_padding(context.get(), 0);
    ::EVP_CipherUpdate(context.get(), out.data(), &length, text.data(), static_cast<int>(text.size()));
    out.resize(static_cast<size_t>(length));
    return out;
}

Bytes signature_of(const X509* certificate) {
    const ASN1_BIT_STRING* signature = nullptr;
    ::X509_get0_signature(&signature, nullptr, certificate);
    return {signature->data, signature->data + signature->length};
}

using Digest = std::unique_ptr<EVP_MD_CTX, crypto::Deleter<::EVP_MD_CTX_free>>;

}  // namespace

Result<ClientCeremony> ClientCeremony::create(const crypto::Identity& self, std::string_view host_pem,
                                              const Secret& salt, std::string_view pin) {
    ClientCeremony ceremony;
    ceremony.self_ = &self;
    const auto host = crypto::read_certificate(std::string(host_pem), ceremony.host_certificate_);
    const auto own = crypto::read_certificate(self.certificate_der);
    if (!host || !own) return fail(ErrorCode::ProtocolViolation, "plaincert is no certificate");
    ceremony.host_signature_ = signature_of(host.get());
    ceremony.own_signature_ = signature_of(own.get());
    const Bytes hash = sha256(join({salt, {reinterpret_cast<const uint8_t*>(pin.data()), pin.size()}}));
    std::copy_n(hash.begin(), ceremony.key_.size(), ceremony.key_.begin());
    crypto::random_bytes(ceremony.challenge_);
    crypto::random_bytes(ceremony.secret_);
    return ceremony;
}

Bytes ClientCeremony::challenge() const {
    return aes_ecb(key_, challenge_, true);
}

Result<Bytes> ClientCeremony::answer_challenge(ByteView challenge_response) {
    constexpr size_t kHash = SHA256_DIGEST_LENGTH;
    if (challenge_response.size() != kHash + kBlock)
        return fail(ErrorCode::ProtocolViolation, "challengeresponse has {} bytes", challenge_response.size());
    const Bytes opened = aes_ecb(key_, challenge_response, false);
    host_hash_.assign(opened.begin(), opened.begin() + kHash);
    const ByteView host_challenge = ByteView(opened).subspan(kHash);
    return aes_ecb(key_, sha256(join({host_challenge, own_signature_, secret_})), true);
}

Result<void> ClientCeremony::check_host(ByteView pairing_secret) const {
    if (pairing_secret.size() <= kBlock) return fail(ErrorCode::ProtocolViolation, "pairingsecret is too short");
    const ByteView host_secret = pairing_secret.first(kBlock), signature = pairing_secret.subspan(kBlock);
    const auto host = crypto::read_certificate(host_certificate_);
    const Digest digest(::EVP_MD_CTX_new());
    if (::EVP_DigestVerifyInit(digest.get(), nullptr, ::EVP_sha256(), nullptr, ::X509_get0_pubkey(host.get())) != 1 ||
        ::EVP_DigestVerify(digest.get(), signature.data(), signature.size(), host_secret.data(), host_secret.size()) !=
            1) {
        return fail(ErrorCode::Crypto, "the host's secret is not signed with its key: MITM");
    }
    if (sha256(join({challenge_, host_signature_, host_secret})) != host_hash_)
        return fail(ErrorCode::Crypto, "wrong PIN");
    return {};
}

Result<Bytes> ClientCeremony::secret() const {
    const auto key = crypto::read_private_key(self_->private_key_pem);
    const Digest digest(::EVP_MD_CTX_new());
    size_t length = 0;
    if (!key || ::EVP_DigestSignInit(digest.get(), nullptr, ::EVP_sha256(), nullptr, key.get()) != 1 ||
        ::EVP_DigestSign(digest.get(), nullptr, &length, secret_.data(), secret_.size()) != 1) {
        return fail(ErrorCode::Crypto, "the client cannot sign");
    }
    Bytes signature(length);
    ::EVP_DigestSign(digest.get(), signature.data(), &length, secret_.data(), secret_.size());
    signature.resize(length);
    return join({secret_, signature});
}

}  // namespace punktfunk::moonlight_client
