// Intel's ipsec-mb: the fastest AES-GCM for packets where the CPU has VAES and AVX-512, and faster than OpenSSL 3.0 on
// plain AES-NI as well, since a packet is one call.
#if defined(PUNKTFUNK_IPSEC_MB)

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

#include "aead_backend.hpp"

namespace punktfunk::crypto {
namespace {

// The functions for this CPU. The manager that finds them is a workplace for batches of jobs, which packets of one key
// do not gain from; these stand alone and hold no state.
struct Functions {
    aes_gcm_pre_t expand = nullptr;
    aes_gcm_enc_dec_t encrypt = nullptr, decrypt = nullptr;
};

Functions probe() {
    Functions functions;
    IMB_MGR* manager = ::alloc_mb_mgr(0);
    if (manager == nullptr) return functions;
    ::init_mb_mgr_auto(manager, nullptr);
    constexpr uint64_t kNeeded = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_AVX;
    if (::imb_get_errno(manager) == 0 && (manager->features & kNeeded) == kNeeded)
        functions = {manager->gcm128_pre, manager->gcm128_enc, manager->gcm128_dec};
    ::free_mb_mgr(manager);
    return functions;
}

const Functions& functions() {
    static const Functions found = probe();
    return found;
}

class IpsecMbAesGcm final : public AesGcm {
  public:
    explicit IpsecMbAesGcm(const std::array<uint8_t, 16>& key) { functions_.expand(key.data(), &key_); }
    ~IpsecMbAesGcm() override {
        ::OPENSSL_cleanse(&key_, sizeof key_);
        ::OPENSSL_cleanse(&context_, sizeof context_);
    }

    void seal(const Nonce& nonce, ByteView aad, std::span<uint8_t> text, std::span<uint8_t, kTagBytes> tag) override {
        functions_.encrypt(&key_, &context_, text.data(), text.data(), text.size(), padded(nonce).data(), aad.data(),
                           aad.size(), tag.data(), tag.size());
    }

    bool open(const Nonce& nonce, ByteView aad, std::span<uint8_t> text,
              std::span<const uint8_t, kTagBytes> tag) override {
        std::array<uint8_t, kTagBytes> expected;
        functions_.decrypt(&key_, &context_, text.data(), text.data(), text.size(), padded(nonce).data(), aad.data(),
                           aad.size(), expected.data(), expected.size());
        return ::CRYPTO_memcmp(expected.data(), tag.data(), tag.size()) == 0;
    }

  private:
    // The library uses 12 bytes and is documented to be given 16.
    static std::array<uint8_t, 16> padded(const Nonce& nonce) {
        std::array<uint8_t, 16> wide{};
        std::ranges::copy(nonce, wide.begin());
        return wide;
    }

    Functions functions_ = functions();
    gcm_context_data context_{};
    alignas(64) gcm_key_data key_{};  // read in whole vectors; the header's own attribute hangs on a macro
};

bool ipsec_mb_is_there() {
    return functions().encrypt != nullptr;
}

std::unique_ptr<AesGcm> make_ipsec_mb(const std::array<uint8_t, 16>& key) {
    return std::make_unique<IpsecMbAesGcm>(key);
}

}  // namespace

const AeadBackend kAeadIpsecMb{"ipsec-mb", ipsec_mb_is_there, make_ipsec_mb};

}  // namespace punktfunk::crypto

#endif
