// The arithmetic of pairing, from the client's side (spec §3.1, §3.2).
#pragma once

#include <array>
#include <string_view>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::moonlight_client {

using Secret = std::array<uint8_t, 16>;

// What a client makes up, and what is on both ends' certificates.
class ClientCeremony {
  public:
    // `host_pem` is phase 1's plaincert. ProtocolViolation when it is no certificate.
    static Result<ClientCeremony> create(const crypto::Identity& self, std::string_view host_pem, const Secret& salt,
                                         std::string_view pin);

    [[nodiscard]] Bytes challenge() const;                        // phase 2: clientchallenge
    Result<Bytes> answer_challenge(ByteView challenge_response);  // phase 3: serverchallengeresp
    // Phase 3's pairingsecret. Crypto: "MITM" when its signature is another's, "wrong PIN" when the host's hash
    // differs.
    Result<void> check_host(ByteView pairing_secret) const;
    [[nodiscard]] Result<Bytes> secret() const;                                        // phase 4: clientpairingsecret
    [[nodiscard]] const Bytes& host_certificate() const { return host_certificate_; }  // DER

    // Instead of random ones, for vectors.
    void set_randoms(const Secret& challenge, const Secret& secret) {
        challenge_ = challenge;
        secret_ = secret;
    }

  private:
    const crypto::Identity* self_ = nullptr;
    Bytes host_certificate_, host_signature_, own_signature_;
    std::array<uint8_t, 16> key_{};
    Secret challenge_{}, secret_{};
    Bytes host_hash_;
};

}  // namespace punktfunk::moonlight_client
