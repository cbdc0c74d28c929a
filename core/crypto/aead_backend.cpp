#include "aead_backend.hpp"

namespace punktfunk::crypto {
namespace {

constexpr const AeadBackend* kBackends[] = {
#if defined(PUNKTFUNK_IPSEC_MB)
    &kAeadIpsecMb,
#endif
    &kAeadOpenssl,
};

}  // namespace

std::span<const AeadBackend* const> aead_backends() {
    return kBackends;
}

std::unique_ptr<AesGcm> make_aes_gcm(const std::array<uint8_t, 16>& key) {
    for (const AeadBackend* backend : kBackends) {
        if (!backend->supported()) continue;
        if (auto cipher = backend->make(key)) return cipher;
    }
    return nullptr;
}

}  // namespace punktfunk::crypto
