// One PIN ceremony, the host's side (spec §3.2): each step once and in order. No sockets, no clock.
//
// Why so strict: the third answer discloses the server secret, with which the 10^4 PINs can be tried offline against
// the second. A peer that could then send its hash again would know what to send. So the hash is taken once, and every
// error ends the ceremony.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "client_certificate.hpp"
#include "host_signer.hpp"

namespace punktfunk::pairing {

using Block = std::array<uint8_t, 16>;

// Exactly four ASCII digits.
[[nodiscard]] bool is_pin(std::string_view text);
// The AES-128 key of a ceremony: the first half of SHA-256(salt || PIN).
[[nodiscard]] Block derive_key(const Block& salt, std::string_view pin);

struct CeremonyRandoms {
    Block server_secret{}, server_challenge{};
    [[nodiscard]] static CeremonyRandoms fresh();
};

class Ceremony {
  public:
    // `host` must outlive it.
    Ceremony(const HostSigner& host, ClientCertificate client, const Block& salt,
             const CeremonyRandoms& randoms = CeremonyRandoms::fresh());
    ~Ceremony();  // wipes the key and the secrets
    Ceremony(Ceremony&&) noexcept = default;
    Ceremony& operator=(Ceremony&&) noexcept = default;

    // Errors are ProtocolViolation for a step out of order, Crypto for a peer that does not know the PIN or the key.
    // After any of them every further step fails too. InvalidArgument (a text that is no PIN) changes nothing.
    [[nodiscard]] Result<void> enter_pin(std::string_view pin);
    // Phase 2: ECB(C) -> ECB(A || T).
    [[nodiscard]] Result<std::array<uint8_t, 48>> client_challenge(const Block& encrypted);
    // Phase 3: ECB(B) -> S || SIGN(S).
    [[nodiscard]] Result<Bytes> server_challenge_response(const std::array<uint8_t, 32>& encrypted);
    // Phase 4: R, SIGN(R) -> the certificate, which is now to be trusted.
    [[nodiscard]] Result<Bytes> client_pairing_secret(const Block& secret, ByteView signature);

    [[nodiscard]] bool awaits_pin() const { return step_ == Step::Pin; }

  private:
    enum class Step { Pin, Challenge, Response, Secret, Over };
    // The step is over whatever becomes of it: the next one is set by its success.
    [[nodiscard]] bool take(Step expected);

    const HostSigner* host_;
    ClientCertificate client_;
    Step step_ = Step::Pin;
    Block salt_;
    CeremonyRandoms randoms_;
    Block key_{};
    std::array<uint8_t, 32> client_hash_{};
};

}  // namespace punktfunk::pairing
