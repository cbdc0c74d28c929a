// AES-128-GCM for whoever keeps its nonces itself (12 bytes; never the same one twice under a key). The data plane of
// punktfunk/1 has its rule for them in aead.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/crypto/aead.hpp"

namespace punktfunk::crypto {

using Nonce = std::array<uint8_t, 12>;

// AES-128-GCM under one key, which is expanded once and wiped in the end. A packet allocates nothing.
class AesGcm {
  public:
    virtual ~AesGcm() = default;
    // `text` is encrypted in place; the tag of `aad` and `text` goes to `tag`, which may follow `text` directly.
    virtual void seal(const Nonce& nonce, ByteView aad, std::span<uint8_t> text, std::span<uint8_t, kTagBytes> tag) = 0;
    // Decrypts `text` in place. On false it holds bytes that nobody vouches for.
    [[nodiscard]] virtual bool open(const Nonce& nonce, ByteView aad, std::span<uint8_t> text,
                                    std::span<const uint8_t, kTagBytes> tag) = 0;
};

// By the fastest library that this build and this CPU have; nullptr when none will do.
[[nodiscard]] std::unique_ptr<AesGcm> make_aes_gcm(const std::array<uint8_t, 16>& key);

}  // namespace punktfunk::crypto
