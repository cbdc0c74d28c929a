#include "punktfunk/crypto/aead.hpp"

#include <openssl/evp.h>

#include <cstring>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/crypto/random.hpp"

namespace punktfunk::crypto {

namespace {

struct CipherContext {
    EVP_CIPHER_CTX* context = ::EVP_CIPHER_CTX_new();
    ~CipherContext() { ::EVP_CIPHER_CTX_free(context); }
};

// The key is set once; a packet only changes the nonce.
bool set_key(EVP_CIPHER_CTX* context, const SessionKey& key, bool encrypt) {
    return context != nullptr &&
           ::EVP_CipherInit_ex(context, ::EVP_aes_128_gcm(), nullptr, key.key.data(), nullptr, encrypt ? 1 : 0) == 1;
}

using Nonce = std::array<uint8_t, 12>;

Nonce nonce_base(const SessionKey& key, Direction direction) {
    Nonce nonce{};
    std::memcpy(nonce.data(), key.salt.data(), key.salt.size());
    nonce[0] = static_cast<uint8_t>((nonce[0] & 0x7f) | (static_cast<uint8_t>(direction) << 7));
    return nonce;
}

Result<void> check(const SessionKey& key) {
    if (key.key == std::array<uint8_t, 16>{}) return fail(ErrorCode::InvalidArgument, "the session key is all zero");
    return {};
}

}  // namespace

SessionKey random_session_key() {
    SessionKey key;
    random_bytes(key.key);
    random_bytes(key.salt);
    return key;
}

struct Sealer::State {
    CipherContext cipher;
    Nonce nonce{};
    uint64_t sequence = 0;
};

Sealer::Sealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Result<Sealer> Sealer::create(const SessionKey& key, Direction direction) {
    if (auto good = check(key); !good) return std::unexpected(good.error());
    auto state = std::make_unique<State>();
    if (!set_key(state->cipher.context, key, true)) return fail(ErrorCode::Crypto, "AES-128-GCM is not available");
    state->nonce = nonce_base(key, direction);
    return Sealer(std::move(state));
}

uint64_t Sealer::next_sequence() const {
    return state_->sequence;
}

void Sealer::seal_in_place(std::span<uint8_t> datagram) {
    EVP_CIPHER_CTX* context = state_->cipher.context;
    uint8_t* sequence = datagram.data();
    uint8_t* plain = sequence + kSequenceBytes;
    const int length = static_cast<int>(datagram.size() - kSealOverhead);
    store_be64(sequence, state_->sequence++);
    std::memcpy(state_->nonce.data() + 4, sequence, kSequenceBytes);
    int written = 0;
    ::EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, state_->nonce.data());
    ::EVP_EncryptUpdate(context, nullptr, &written, sequence, kSequenceBytes);
    ::EVP_EncryptUpdate(context, plain, &written, plain, length);
    ::EVP_EncryptFinal_ex(context, plain + length, &written);
    ::EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, kTagBytes, plain + length);
}

struct Opener::State {
    CipherContext cipher;
    Nonce nonce{};
    ReplayWindow window;
};

Opener::Opener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Opener::Opener(Opener&&) noexcept = default;
Opener& Opener::operator=(Opener&&) noexcept = default;
Opener::~Opener() = default;

Result<Opener> Opener::create(const SessionKey& key, Direction direction) {
    if (auto good = check(key); !good) return std::unexpected(good.error());
    auto state = std::make_unique<State>();
    if (!set_key(state->cipher.context, key, false)) return fail(ErrorCode::Crypto, "AES-128-GCM is not available");
    state->nonce = nonce_base(key, direction);
    return Opener(std::move(state));
}

std::span<uint8_t> Opener::open_in_place(std::span<uint8_t> datagram) {
    if (datagram.size() < kSealOverhead) return {};
    EVP_CIPHER_CTX* context = state_->cipher.context;
    uint8_t* sequence = datagram.data();
    uint8_t* sealed = sequence + kSequenceBytes;
    const int length = static_cast<int>(datagram.size() - kSealOverhead);
    std::memcpy(state_->nonce.data() + 4, sequence, kSequenceBytes);
    int written = 0;
    const bool authentic = ::EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, state_->nonce.data()) == 1 &&
                           ::EVP_DecryptUpdate(context, nullptr, &written, sequence, kSequenceBytes) == 1 &&
                           ::EVP_DecryptUpdate(context, sealed, &written, sealed, length) == 1 &&
                           ::EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, kTagBytes, sealed + length) == 1 &&
                           ::EVP_DecryptFinal_ex(context, sealed + length, &written) == 1;
    if (!authentic || !state_->window.accept(load_be64(sequence))) return {};
    return datagram.subspan(kSequenceBytes, static_cast<size_t>(length));
}

}  // namespace punktfunk::crypto
