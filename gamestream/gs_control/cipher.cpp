#include "punktfunk/gs_control/cipher.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "message_frame.hpp"
#include "punktfunk/crypto/replay_window.hpp"

namespace punktfunk::gs_control {
namespace {

constexpr uint16_t kEncryptedType = 0x0001;
constexpr size_t kLengthAt = 2, kSequenceAt = 4, kTagAt = 8, kTagBytes = 16;
constexpr size_t kBeforeLength = 4;  // type and length themselves
constexpr uint64_t kSequences = uint64_t{1} << 32;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { ::EVP_CIPHER_CTX_free(context); }  // wipes the expanded key
};

// AES-128-GCM with the IVs of one direction and scheme. OpenSSL alone: the older scheme's IV of 16 bytes is nothing
// that core/crypto has, and these packets are few and small.
class Gcm {
  public:
    static Result<Gcm> create(const gs_media::StreamKey& key, Sender sender, Scheme scheme, bool encrypt) {
        Gcm gcm(sender, scheme);
        EVP_CIPHER_CTX* context = gcm.context_.get();
        const int iv_bytes = scheme == Scheme::V2 ? 12 : 16;
        if (context == nullptr ||
            ::EVP_CipherInit_ex(context, ::EVP_aes_128_gcm(), nullptr, nullptr, nullptr, encrypt ? 1 : 0) != 1 ||
            ::EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, iv_bytes, nullptr) != 1 ||
            ::EVP_CipherInit_ex(context, nullptr, nullptr, key.bytes.data(), nullptr, -1) != 1) {
            return fail(ErrorCode::Crypto, "AES-128-GCM is not available");
        }
        return gcm;
    }

    [[nodiscard]] bool seal(uint32_t sequence, std::span<uint8_t> text, uint8_t* tag) {
        int written = 0;
        EVP_CIPHER_CTX* context = context_.get();
        return start(sequence) &&
               ::EVP_CipherUpdate(context, text.data(), &written, text.data(), static_cast<int>(text.size())) == 1 &&
               ::EVP_CipherFinal_ex(context, tag, &written) == 1 &&
               ::EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1;
    }
    [[nodiscard]] bool open(uint32_t sequence, std::span<uint8_t> text, uint8_t* tag) {
        int written = 0;
        EVP_CIPHER_CTX* context = context_.get();
        return start(sequence) &&
               ::EVP_CipherUpdate(context, text.data(), &written, text.data(), static_cast<int>(text.size())) == 1 &&
               ::EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag) == 1 &&
               ::EVP_CipherFinal_ex(context, tag, &written) == 1;
    }

  private:
    Gcm(Sender sender, Scheme scheme) : context_(::EVP_CIPHER_CTX_new()), sender_(sender), scheme_(scheme) {}

    bool start(uint32_t sequence) {
        std::array<uint8_t, 16> iv{};
        if (scheme_ == Scheme::V2) {
            store_le<uint32_t>(iv.data(), sequence);
            iv[10] = sender_ == Sender::Client ? 'C' : 'H';
            iv[11] = 'C';
        } else {
            iv[0] = static_cast<uint8_t>(sequence);
        }
        return ::EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1) == 1;
    }

    std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context_;
    Sender sender_;
    Scheme scheme_;
};

}  // namespace

struct Sealer::State {
    Gcm gcm;
    uint64_t next_sequence = 0;
};

Sealer::Sealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Result<Sealer> Sealer::create(const gs_media::StreamKey& key, Sender self, Scheme scheme) {
    auto gcm = Gcm::create(key, self, scheme, true);
    if (!gcm) return std::unexpected(std::move(gcm.error()));
    return Sealer(std::make_unique<State>(State{std::move(*gcm)}));
}

Result<Bytes> Sealer::seal(ByteView message) {
    if (message.size() < kMessageHeaderBytes || message.size() > kMaxControlBytes - kControlOverhead) {
        return fail(ErrorCode::InvalidArgument, "a control message of {} bytes", message.size());
    }
    if (state_->next_sequence == kSequences)
        return fail(ErrorCode::Exhausted, "the control stream's numbers are used up");
    const auto sequence = static_cast<uint32_t>(state_->next_sequence++);
    Bytes packet(kControlOverhead + message.size());
    store_le<uint16_t>(packet.data(), kEncryptedType);
    store_le<uint16_t>(&packet[kLengthAt], static_cast<uint16_t>(packet.size() - kBeforeLength));
    store_le<uint32_t>(&packet[kSequenceAt], sequence);
    const auto text = std::span(packet).subspan(kControlOverhead);
    std::ranges::copy(message, text.begin());
    if (!state_->gcm.seal(sequence, text, &packet[kTagAt])) return fail(ErrorCode::Crypto, "AES-128-GCM failed");
    return packet;
}

struct Opener::State {
    Gcm gcm;
    crypto::ReplayWindow window{};
};

Opener::Opener(std::unique_ptr<State> state) : state_(std::move(state)) {}
Opener::Opener(Opener&&) noexcept = default;
Opener& Opener::operator=(Opener&&) noexcept = default;
Opener::~Opener() = default;

Result<Opener> Opener::create(const gs_media::StreamKey& key, Sender from, Scheme scheme) {
    auto gcm = Gcm::create(key, from, scheme, false);
    if (!gcm) return std::unexpected(std::move(gcm.error()));
    return Opener(std::make_unique<State>(State{std::move(*gcm)}));
}

Result<ByteView> Opener::open(std::span<uint8_t> packet) {
    if (packet.size() < kControlOverhead + kMessageHeaderBytes || packet.size() > kMaxControlBytes ||
        load_le<uint16_t>(packet.data()) != kEncryptedType ||
        load_le<uint16_t>(&packet[kLengthAt]) + kBeforeLength != packet.size()) {
        return fail(ErrorCode::ProtocolViolation, "a control packet of {} bytes is not an encrypted message",
                    packet.size());
    }
    const auto sequence = load_le<uint32_t>(&packet[kSequenceAt]);
    const auto text = packet.subspan(kControlOverhead);
    if (!state_->gcm.open(sequence, text, &packet[kTagAt])) {
        return fail(ErrorCode::Crypto, "control packet {} was not sealed with this session's key", sequence);
    }
    if (!state_->window.accept(sequence)) return fail(ErrorCode::Crypto, "control packet {} came before", sequence);
    return ByteView(text);
}

}  // namespace punktfunk::gs_control
