// Sealing and opening of 1400-byte packets, against OpenSSL with a context that keeps its key.
#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <memory>

#include "punktfunk/crypto/aead.hpp"
#include "report.hpp"

namespace punktfunk::bench {

namespace {

constexpr int kPlain = 1400;
constexpr size_t kDatagram = kPlain + crypto::kSealOverhead;

class Evp {
  public:
    Evp(const crypto::SessionKey& key, bool encrypt) : context_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free) {
        const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher(
            EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr), EVP_CIPHER_free);
        EVP_CipherInit_ex2(context_.get(), cipher.get(), key.key.data(), nullptr, encrypt ? 1 : 0, nullptr);
    }
    void seal(uint8_t* datagram, const uint8_t* nonce) {
        int written = 0;
        EVP_EncryptInit_ex2(context_.get(), nullptr, nullptr, nonce, nullptr);
        EVP_EncryptUpdate(context_.get(), nullptr, &written, datagram, 8);
        EVP_EncryptUpdate(context_.get(), datagram + 8, &written, datagram + 8, kPlain);
        EVP_EncryptFinal_ex(context_.get(), datagram + 8 + kPlain, &written);
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_GCM_GET_TAG, 16, datagram + 8 + kPlain);
    }
    bool open(uint8_t* datagram, const uint8_t* nonce) {
        int written = 0;
        EVP_DecryptInit_ex2(context_.get(), nullptr, nullptr, nonce, nullptr);
        EVP_DecryptUpdate(context_.get(), nullptr, &written, datagram, 8);
        EVP_DecryptUpdate(context_.get(), datagram + 8, &written, datagram + 8, kPlain);
        EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_GCM_SET_TAG, 16, datagram + 8 + kPlain);
        return EVP_DecryptFinal_ex(context_.get(), datagram + 8 + kPlain, &written) == 1;
    }

  private:
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_;
};

Row row(const char* name, const Medians& medians) {
    return {.name = name,
            .unit = "ns",
            .ours = medians.ours_ns,
            .reference = medians.reference_ns,
            .reference_name = "OpenSSL EVP, context reused",
            .ratio = medians.reference_ns / medians.ours_ns,
            .wanted_ratio = 2.5,
            .note = {}};
}

}  // namespace

void crypto_rows(Report& report) {
    if (!report.wants("aead")) return;
    report.heading("AES-128-GCM, 1400-byte packets");
    const auto key = crypto::random_session_key();
    const std::array<uint8_t, 12> nonce{};
    std::array<uint8_t, kDatagram> datagram{}, other{};

    auto sealer = crypto::Sealer::create(key, crypto::Direction::HostToClient).value();
    Evp evp_seal(key, true);
    report.add(row("aead.seal.1400", interleaved([&] { sealer.seal_in_place(datagram); },
                                                 [&] { evp_seal.seal(other.data(), nonce.data()); })));

    // Opening destroys its input, and a packet opens once only: both sides copy the next one from a sealed stock. A
    // fresh opener takes the stock again from the start.
    constexpr size_t kStock = 4096;
    std::vector<std::array<uint8_t, kDatagram>> stock(kStock);
    auto stocker = crypto::Sealer::create(key, crypto::Direction::HostToClient).value();
    for (auto& packet : stock) stocker.seal_in_place(packet);
    auto opener = crypto::Opener::create(key, crypto::Direction::HostToClient).value();
    size_t mine = 0, refused = 0;
    Evp evp_open(key, false);
    std::array<uint8_t, kDatagram> sealed{};
    evp_seal.seal(sealed.data(), nonce.data());
    report.add(
        row("aead.open.1400", interleaved(
                                  [&] {
                                      if (mine == kStock) {
                                          opener = crypto::Opener::create(key, crypto::Direction::HostToClient).value();
                                          mine = 0;
                                      }
                                      datagram = stock[mine++];
                                      refused += opener.open_in_place(datagram).empty() ? 1 : 0;
                                  },
                                  [&] {
                                      other = sealed;
                                      refused += evp_open.open(other.data(), nonce.data()) ? 0 : 1;
                                  })));
    if (refused > 0) report.add({.name = "aead.refused", .unit = "packets", .ours = static_cast<double>(refused)});
}

}  // namespace punktfunk::bench
