// AES-128-CBC with the IV that each packet's number gives (spec §7.4). There is no tag: whoever can change packets on
// their way can change what is heard, but nobody hears it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/gs_audio/audio_config.hpp"

struct evp_cipher_ctx_st;

namespace punktfunk::gs_audio {

inline constexpr size_t kCipherBlock = 16;

[[nodiscard]] std::array<uint8_t, kCipherBlock> packet_iv(uint32_t key_id, uint16_t sequence);

// One direction of one session. Allocates nothing per packet.
class Cbc {
  public:
    static Result<Cbc> encryptor(const AudioKey& key);
    static Result<Cbc> decryptor(const AudioKey& key);

    // What encrypting `bytes` takes: padding is always added.
    [[nodiscard]] static constexpr size_t sealed_bytes(size_t bytes) {
        return (bytes / kCipherBlock + 1) * kCipherBlock;
    }
    // The bytes written to `to`, which has room for the text and one cipher block. nullopt when the text is no whole
    // number of cipher blocks or its padding is wrong.
    [[nodiscard]] std::optional<size_t> apply(uint16_t sequence, ByteView text, uint8_t* to);

  private:
    struct Free {
        void operator()(evp_cipher_ctx_st* context) const;  // wipes the expanded key
    };
    static Result<Cbc> create(const AudioKey& key, bool encrypt);
    std::unique_ptr<evp_cipher_ctx_st, Free> context_;
    uint32_t key_id_ = 0;
};

}  // namespace punktfunk::gs_audio
