// The seam between the data plane's cipher and the libraries that compute it. Another library is one more file that
// defines an AeadBackend, and one more row in aead_backend.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

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

struct AeadBackend {
    std::string_view name;
    bool (*supported)();
    std::unique_ptr<AesGcm> (*make)(const std::array<uint8_t, 16>& key);  // nullptr when the library refuses
};

extern const AeadBackend kAeadIpsecMb;
extern const AeadBackend kAeadOpenssl;

// Fastest first; rows that this CPU does not support are among them.
[[nodiscard]] std::span<const AeadBackend* const> aead_backends();
// Of the first supported row; nullptr when none will do.
[[nodiscard]] std::unique_ptr<AesGcm> make_aes_gcm(const std::array<uint8_t, 16>& key);

}  // namespace punktfunk::crypto
