// For tests: what a stock client asks over HTTP and HTTPS, with a certificate of its own (spec §2, §3).
#pragma once

#include <array>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::moonlight {

class TestClient {
  public:
    TestClient(uint16_t http_port, uint16_t https_port, std::string host = "127.0.0.1");

    // The host has started again.
    void move_to(uint16_t http_port, uint16_t https_port) { http_port_ = http_port, https_port_ = https_port; }

    // The body of the answer; what could not be read is empty.
    [[nodiscard]] std::string http(const std::string& target) const;
    [[nodiscard]] std::string https(const std::string& target, bool with_certificate = true) const;

    // The first phase, which is answered once the PIN is there: false when it is refused. Then the others; true when
    // the host says in the end that the client is paired.
    [[nodiscard]] bool begin_pairing(const std::string& device_name = "roth");
    [[nodiscard]] bool finish_pairing(const std::string& pin);

    // appid, mode and key, and what else there is.
    [[nodiscard]] std::string launch(const std::string& verb, int32_t app, const std::string& more = "");
    [[nodiscard]] const crypto::Identity& identity() const { return identity_; }

    static std::string element(const std::string& xml, const std::string& name);
    static std::string status(const std::string& xml);  // of the root
    std::string session_key;                            // of the latest launch, in hex

  private:
    [[nodiscard]] std::string pair_phase(const std::string& parameters) const;
    std::string host_;
    uint16_t http_port_, https_port_;
    crypto::Identity identity_;
    std::array<uint8_t, 16> salt_{};
    std::string host_certificate_pem_;
};

}  // namespace punktfunk::moonlight
