#include "punktfunk/crypto/aead.hpp"

#include <openssl/crypto.h>

#include <cstring>

#include "aead_backend.hpp"
#include "punktfunk/base/bytes.hpp"
#include "punktfunk/crypto/random.hpp"

namespace punktfunk::crypto {

namespace {

Nonce nonce_base(const SessionKey& key, Direction direction) {
    Nonce nonce{};
    std::memcpy(nonce.data(), key.salt.data(), key.salt.size());
    nonce[0] = static_cast<uint8_t>((nonce[0] & 0x7f) | (static_cast<uint8_t>(direction) << 7));
    return nonce;
}

Result<std::unique_ptr<AesGcm>> make_cipher(const SessionKey& key) {
    if (key.key == std::array<uint8_t, 16>{}) return fail(ErrorCode::InvalidArgument, "the session key is all zero");
    auto cipher = make_aes_gcm(key.key);
    if (!cipher) return fail(ErrorCode::Crypto, "AES-128-GCM is not available");
    return cipher;
}

// The parts of a datagram of at least kSealOverhead bytes.
struct Sealed {
    explicit Sealed(std::span<uint8_t> datagram)
        : sequence(datagram.first<kSequenceBytes>()),
          text(datagram.subspan(kSequenceBytes, datagram.size() - kSealOverhead)),
          tag(datagram.last<kTagBytes>()) {}
    std::span<uint8_t, kSequenceBytes> sequence;
    std::span<uint8_t> text;
    std::span<uint8_t, kTagBytes> tag;
};

}  // namespace

SessionKey::~SessionKey() {
    ::OPENSSL_cleanse(key.data(), key.size());
}

SessionKey random_session_key() {
    SessionKey key;
    random_bytes(key.key);
    random_bytes(key.salt);
    return key;
}

struct Sealer::State {
    std::unique_ptr<AesGcm> cipher;
    Nonce nonce{};
    uint64_t sequence = 0;
};

Sealer::Sealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Result<Sealer> Sealer::create(const SessionKey& key, Direction direction) {
    auto cipher = make_cipher(key);
    if (!cipher) return std::unexpected(std::move(cipher.error()));
    return Sealer(std::make_unique<State>(State{std::move(*cipher), nonce_base(key, direction)}));
}

uint64_t Sealer::next_sequence() const {
    return state_->sequence;
}

void Sealer::seal_in_place(std::span<uint8_t> datagram) {
    const Sealed parts(datagram);
    store_be<uint64_t>(parts.sequence.data(), state_->sequence++);
    std::memcpy(state_->nonce.data() + 4, parts.sequence.data(), kSequenceBytes);
    state_->cipher->seal(state_->nonce, parts.sequence, parts.text, parts.tag);
}

struct Opener::State {
    std::unique_ptr<AesGcm> cipher;
    Nonce nonce{};
    ReplayWindow window{};
};

Opener::Opener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Opener::Opener(Opener&&) noexcept = default;
Opener& Opener::operator=(Opener&&) noexcept = default;
Opener::~Opener() = default;

Result<Opener> Opener::create(const SessionKey& key, Direction direction) {
    auto cipher = make_cipher(key);
    if (!cipher) return std::unexpected(std::move(cipher.error()));
    return Opener(std::make_unique<State>(State{std::move(*cipher), nonce_base(key, direction)}));
}

std::span<uint8_t> Opener::open_in_place(std::span<uint8_t> datagram) {
    if (datagram.size() < kSealOverhead) return {};
    const Sealed parts(datagram);
    std::memcpy(state_->nonce.data() + 4, parts.sequence.data(), kSequenceBytes);
    if (!state_->cipher->open(state_->nonce, parts.sequence, parts.text, parts.tag)) return {};
    if (!state_->window.accept(load_be<uint64_t>(parts.sequence.data()))) return {};
    return parts.text;
}

}  // namespace punktfunk::crypto
