#include "ceremony.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <memory>

#include "punktfunk/crypto/random.hpp"

namespace punktfunk::pairing {

namespace {

using Hash = std::array<uint8_t, SHA256_DIGEST_LENGTH>;

Hash hash_of(std::initializer_list<ByteView> parts) {
    Bytes joined;
    for (const ByteView part : parts) joined.insert(joined.end(), part.begin(), part.end());
    Hash hash{};
    ::SHA256(joined.data(), joined.size(), hash.data());
    ::OPENSSL_cleanse(joined.data(), joined.size());
    return hash;
}

// AES-128-ECB without padding over whole blocks.
template <size_t N>
std::array<uint8_t, N> ecb(const Block& key, const std::array<uint8_t, N>& in, bool encrypt) {
    static_assert(N % 16 == 0);
    struct FreeContext {
        void operator()(EVP_CIPHER_CTX* context) const { ::EVP_CIPHER_CTX_free(context); }
    };
    const std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context(::EVP_CIPHER_CTX_new());
    std::array<uint8_t, N> out{};
    int written = 0;
    ::EVP_CipherInit_ex(context.get(), ::EVP_aes_128_ecb(), nullptr, key.data(), nullptr, encrypt ? 1 : 0);
    ::EVP_CIPHER_CTX_set_padding(context.get(), 0);
    ::EVP_CipherUpdate(context.get(), out.data(), &written, in.data(), static_cast<int>(N));
    return out;
}

}  // namespace

bool is_pin(std::string_view text) {
    return text.size() == 4 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Block derive_key(const Block& salt, std::string_view pin) {
    const Hash hash = hash_of({salt, ByteView(reinterpret_cast<const uint8_t*>(pin.data()), pin.size())});
    Block key;
    std::copy_n(hash.begin(), key.size(), key.begin());
    return key;
}

CeremonyRandoms CeremonyRandoms::fresh() {
    CeremonyRandoms randoms;
    crypto::random_bytes(randoms.server_secret);
    crypto::random_bytes(randoms.server_challenge);
    return randoms;
}

Ceremony::Ceremony(const HostSigner& host, ClientCertificate client, const Block& salt, const CeremonyRandoms& randoms)
    : host_(&host), client_(std::move(client)), salt_(salt), randoms_(randoms) {}

Ceremony::~Ceremony() {
    ::OPENSSL_cleanse(key_.data(), key_.size());
    ::OPENSSL_cleanse(&randoms_, sizeof randoms_);
}

bool Ceremony::take(Step expected) {
    return std::exchange(step_, Step::Over) == expected;
}

Result<void> Ceremony::enter_pin(std::string_view pin) {
    if (!is_pin(pin)) return fail(ErrorCode::InvalidArgument, "a PIN is four digits");
    if (!take(Step::Pin)) return fail(ErrorCode::ProtocolViolation, "this pairing does not wait for a PIN");
    key_ = derive_key(salt_, pin);
    step_ = Step::Challenge;
    return {};
}

Result<std::array<uint8_t, 48>> Ceremony::client_challenge(const Block& encrypted) {
    if (!take(Step::Challenge)) return fail(ErrorCode::ProtocolViolation, "the client's challenge is out of order");
    const Block challenge = ecb(key_, encrypted, false);
    const Hash hash = hash_of({challenge, host_->certificate_signature(), randoms_.server_secret});
    std::array<uint8_t, 48> plain{};
    std::ranges::copy(hash, plain.begin());
    std::ranges::copy(randoms_.server_challenge, plain.begin() + hash.size());
    step_ = Step::Response;
    return ecb(key_, plain, true);
}

Result<Bytes> Ceremony::server_challenge_response(const std::array<uint8_t, 32>& encrypted) {
    if (!take(Step::Response)) return fail(ErrorCode::ProtocolViolation, "the client's response is out of order");
    client_hash_ = ecb(key_, encrypted, false);
    const auto signature = host_->sign(randoms_.server_secret);
    if (!signature) return std::unexpected(signature.error());
    Bytes answer(randoms_.server_secret.begin(), randoms_.server_secret.end());
    answer.insert(answer.end(), signature->begin(), signature->end());
    step_ = Step::Secret;
    return answer;
}

Result<Bytes> Ceremony::client_pairing_secret(const Block& secret, ByteView signature) {
    if (!take(Step::Secret)) return fail(ErrorCode::ProtocolViolation, "the client's secret is out of order");
    const bool knows_pin =
        crypto::constant_time_equal(hash_of({randoms_.server_challenge, client_.signature, secret}), client_hash_);
    const bool owns_certificate = client_.verifies(secret, signature);
    if (!knows_pin || !owns_certificate)
        return fail(ErrorCode::Crypto, "wrong PIN, or a certificate that is not the client's");
    return client_.der;
}

}  // namespace punktfunk::pairing
