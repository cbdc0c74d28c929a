#include "sealed_message.hpp"

#include <algorithm>

#include "message.hpp"
#include "punktfunk/crypto/aes_gcm.hpp"

namespace punktfunk::rtsp {

namespace {

uint32_t load_be32(const uint8_t* from) {
    return __builtin_bswap32(load_le<uint32_t>(from));
}
void store_be32(uint8_t* to, uint32_t value) {
    store_le<uint32_t>(to, __builtin_bswap32(value));
}

constexpr uint32_t kSealedBit = 0x80000000;

crypto::Nonce nonce_of(uint32_t sequence, Sender sender) {
    crypto::Nonce nonce{};
    store_le<uint32_t>(nonce.data(), sequence);
    nonce[10] = static_cast<uint8_t>(sender);
    nonce[11] = 'R';
    return nonce;
}

}  // namespace

Result<std::optional<size_t>> sealed_length(ByteView bytes) {
    if (bytes.size() < 4) return std::nullopt;
    const uint32_t word = load_be32(bytes.data());
    const uint32_t length = word & ~kSealedBit;
    if (word == length || length == 0 || length > kMaxMessage)
        return fail(ErrorCode::ProtocolViolation, "RTSP: the sealed message's length is malformed");
    return kSealedHeader + length;
}

std::optional<SealedMessage> parse_sealed(ByteView frame) {
    const auto length = sealed_length(frame);
    if (!length || *length != frame.size()) return std::nullopt;
    SealedMessage message;
    message.sequence = load_be32(frame.data() + 4);
    std::ranges::copy(frame.subspan(8, message.tag.size()), message.tag.begin());
    const ByteView ciphertext = frame.subspan(kSealedHeader);
    message.ciphertext.assign(ciphertext.begin(), ciphertext.end());
    return message;
}

MessageCipher::MessageCipher(std::unique_ptr<crypto::AesGcm> cipher) : cipher_(std::move(cipher)) {}
MessageCipher::MessageCipher(MessageCipher&&) noexcept = default;
MessageCipher& MessageCipher::operator=(MessageCipher&&) noexcept = default;
MessageCipher::~MessageCipher() = default;

Result<MessageCipher> MessageCipher::create(const nvhttp::SessionSecret& secret) {
    auto cipher = crypto::make_aes_gcm(secret.key.bytes);
    if (!cipher) return fail(ErrorCode::Crypto, "AES-128-GCM is not available");
    return MessageCipher(std::move(cipher));
}

std::optional<std::string> MessageCipher::open(const SealedMessage& message, Sender sender) const {
    Bytes text = message.ciphertext;
    if (!cipher_->open(nonce_of(message.sequence, sender), {}, text, message.tag)) return std::nullopt;
    return std::string(text.begin(), text.end());
}

Bytes MessageCipher::seal(std::string_view text, uint32_t sequence, Sender sender) const {
    Bytes frame(kSealedHeader + text.size());
    store_be32(frame.data(), kSealedBit | static_cast<uint32_t>(text.size()));
    store_be32(frame.data() + 4, sequence);
    std::ranges::copy(text, frame.begin() + kSealedHeader);
    const std::span<uint8_t> whole(frame);
    cipher_->seal(nonce_of(sequence, sender), {}, whole.subspan(kSealedHeader), whole.subspan<8, crypto::kTagBytes>());
    return frame;
}

}  // namespace punktfunk::rtsp
