// The seam between the data plane's cipher and the libraries that compute it. Another library is one more file that
// defines an AeadBackend, and one more row in aead_backend.cpp.
#pragma once

#include <string_view>

#include "punktfunk/crypto/aes_gcm.hpp"

namespace punktfunk::crypto {

struct AeadBackend {
    std::string_view name;
    bool (*supported)();
    std::unique_ptr<AesGcm> (*make)(const std::array<uint8_t, 16>& key);  // nullptr when the library refuses
};

extern const AeadBackend kAeadIpsecMb;
extern const AeadBackend kAeadOpenssl;

// Fastest first; rows that this CPU does not support are among them.
[[nodiscard]] std::span<const AeadBackend* const> aead_backends();

}  // namespace punktfunk::crypto
