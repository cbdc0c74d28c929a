// The host's side of one PIN ceremony (spec §3.3): messages in, messages or a refusal out. No sockets, no clock.
#pragma once

#include <expected>
#include <string>

#include "negotiation.hpp"
#include "punktfunk/crypto/spake2.hpp"
#include "punktfunk/native/paired_store.hpp"

namespace punktfunk::native {

class PairingCeremony {
  public:
    PairingCeremony(const std::string& pin, const crypto::Fingerprint& client, const crypto::Fingerprint& host,
                    std::string name);

    // PairRequest -> PairChallenge.
    std::expected<wire::PairChallenge, Refusal> challenge(const wire::PairRequest& request);
    // PairProof: true when the client knows the PIN.
    [[nodiscard]] bool verify(const wire::PairProof& proof) const;
    [[nodiscard]] PairedClient client() const { return {.name = name_, .fingerprint = client_, .terms = {}}; }

  private:
    crypto::Spake2 exchange_;
    crypto::Fingerprint client_, host_;
    std::string name_;
    std::optional<crypto::Spake2Key> key_;
};

}  // namespace punktfunk::native
