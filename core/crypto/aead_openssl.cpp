// OpenSSL's EVP: what every machine has.
#include <openssl/evp.h>

#include "aead_backend.hpp"

namespace punktfunk::crypto {
namespace {

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { ::EVP_CIPHER_CTX_free(context); }  // wipes the expanded key
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

Context keyed(const std::array<uint8_t, 16>& key, bool encrypt) {
    Context context(::EVP_CIPHER_CTX_new());
    if (context &&
        ::EVP_CipherInit_ex(context.get(), ::EVP_aes_128_gcm(), nullptr, key.data(), nullptr, encrypt ? 1 : 0) != 1) {
        context.reset();
    }
    return context;
}

class OpensslAesGcm final : public AesGcm {
  public:
    OpensslAesGcm(Context encrypt, Context decrypt) : encrypt_(std::move(encrypt)), decrypt_(std::move(decrypt)) {}

    void seal(const Nonce& nonce, ByteView aad, std::span<uint8_t> text, std::span<uint8_t, kTagBytes> tag) override {
        int written = 0;
        ::EVP_EncryptInit_ex(encrypt_.get(), nullptr, nullptr, nullptr, nonce.data());
        ::EVP_EncryptUpdate(encrypt_.get(), nullptr, &written, aad.data(), static_cast<int>(aad.size()));
        ::EVP_EncryptUpdate(encrypt_.get(), text.data(), &written, text.data(), static_cast<int>(text.size()));
        ::EVP_EncryptFinal_ex(encrypt_.get(), tag.data(), &written);
        ::EVP_CIPHER_CTX_ctrl(encrypt_.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag.data());
    }

    bool open(const Nonce& nonce, ByteView aad, std::span<uint8_t> text,
              std::span<const uint8_t, kTagBytes> tag) override {
        EVP_CIPHER_CTX* context = decrypt_.get();
        std::array<uint8_t, kTagBytes> expected;
        std::ranges::copy(tag, expected.begin());
        int written = 0;
        return ::EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
               ::EVP_DecryptUpdate(context, nullptr, &written, aad.data(), static_cast<int>(aad.size())) == 1 &&
               ::EVP_DecryptUpdate(context, text.data(), &written, text.data(), static_cast<int>(text.size())) == 1 &&
               ::EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, expected.data()) == 1 &&
               ::EVP_DecryptFinal_ex(context, expected.data(), &written) == 1;
    }

  private:
    Context encrypt_, decrypt_;
};

bool openssl_is_there() {
    return true;
}

std::unique_ptr<AesGcm> make_openssl(const std::array<uint8_t, 16>& key) {
    auto encrypt = keyed(key, true), decrypt = keyed(key, false);
    if (!encrypt || !decrypt) return nullptr;
    return std::make_unique<OpensslAesGcm>(std::move(encrypt), std::move(decrypt));
}

}  // namespace

const AeadBackend kAeadOpenssl{"openssl", openssl_is_there, make_openssl};

}  // namespace punktfunk::crypto
