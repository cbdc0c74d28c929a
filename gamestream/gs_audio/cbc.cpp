#include "cbc.hpp"

#include <openssl/evp.h>

namespace punktfunk::gs_audio {

std::array<uint8_t, kCipherBlock> packet_iv(uint32_t key_id, uint16_t sequence) {
    std::array<uint8_t, kCipherBlock> iv{};
    store_be<uint32_t>(iv.data(), key_id + sequence);
    return iv;
}

void Cbc::Free::operator()(evp_cipher_ctx_st* context) const {
    ::EVP_CIPHER_CTX_free(context);
}

Result<Cbc> Cbc::create(const AudioKey& key, bool encrypt) {
    Cbc cbc;
    cbc.key_id_ = key.id;
    cbc.context_.reset(::EVP_CIPHER_CTX_new());
    if (!cbc.context_ || ::EVP_CipherInit_ex(cbc.context_.get(), ::EVP_aes_128_cbc(), nullptr, key.key.bytes.data(),
                                             nullptr, encrypt ? 1 : 0) != 1) {
        return fail(ErrorCode::Crypto, "AES-128-CBC is not available");
    }
    return cbc;
}

Result<Cbc> Cbc::encryptor(const AudioKey& key) {
    return create(key, true);
}
Result<Cbc> Cbc::decryptor(const AudioKey& key) {
    return create(key, false);
}

std::optional<size_t> Cbc::apply(uint16_t sequence, ByteView text, uint8_t* to) {
    const auto iv = packet_iv(key_id_, sequence);
    int written = 0, last = 0;
    if (::EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, iv.data(), -1) != 1 ||
        ::EVP_CipherUpdate(context_.get(), to, &written, text.data(), static_cast<int>(text.size())) != 1 ||
        ::EVP_CipherFinal_ex(context_.get(), to + written, &last) != 1) {
        return std::nullopt;
    }
    return static_cast<size_t>(written + last);
}

}  // namespace punktfunk::gs_audio
