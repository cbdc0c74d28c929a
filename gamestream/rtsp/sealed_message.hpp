// The framing of rtspenc:// (spec §4.2): AES-128-GCM under the session's key, a counter for each direction.
//
//   BE32 0x80000000 | length, BE32 sequence, tag (16 bytes), ciphertext (length bytes)
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/nvhttp/session_secret.hpp"

namespace punktfunk::crypto {
class AesGcm;
}

namespace punktfunk::rtsp {

inline constexpr size_t kSealedHeader = 4 + 4 + 16;

struct SealedMessage {
    uint32_t sequence = 0;
    std::array<uint8_t, 16> tag{};
    Bytes ciphertext;
};

// The length of the frame that begins `bytes`, header included: nullopt before its first four bytes are there.
// ProtocolViolation for a text of more than kMaxMessage, or none.
[[nodiscard]] Result<std::optional<size_t>> sealed_length(ByteView bytes);
// One whole frame, by sealed_length(); nullopt when it is not.
[[nodiscard]] std::optional<SealedMessage> parse_sealed(ByteView frame);

enum class Sender : uint8_t { Client = 'C', Host = 'H' };

class MessageCipher {
  public:
    static Result<MessageCipher> create(const nvhttp::SessionSecret& secret);
    MessageCipher(MessageCipher&&) noexcept;
    MessageCipher& operator=(MessageCipher&&) noexcept;
    ~MessageCipher();

    // nullopt: not sealed by `sender` with this key.
    [[nodiscard]] std::optional<std::string> open(const SealedMessage& message, Sender sender) const;
    // A whole frame. A sequence number must not come twice from one sender.
    [[nodiscard]] Bytes seal(std::string_view text, uint32_t sequence, Sender sender) const;

  private:
    explicit MessageCipher(std::unique_ptr<crypto::AesGcm> cipher);
    std::unique_ptr<crypto::AesGcm> cipher_;
};

}  // namespace punktfunk::rtsp
