#include "pairing_ceremony.hpp"

#include "punktfunk/crypto/random.hpp"

namespace punktfunk::native {

PairingCeremony::PairingCeremony(const std::string& pin, const crypto::Fingerprint& client,
                                 const crypto::Fingerprint& host, std::string name)
    : exchange_(crypto::Spake2Side::Host, pin, client, host), client_(client), host_(host), name_(std::move(name)) {}

std::expected<wire::PairChallenge, Refusal> PairingCeremony::challenge(const wire::PairRequest& request) {
    auto key = exchange_.finish(request.spake);
    if (!key) return std::unexpected(Refusal{quic::CloseCode::Denied, "the pairing request is malformed"});
    key_ = *key;
    wire::PairChallenge challenge;
    challenge.spake.assign(exchange_.message().begin(), exchange_.message().end());
    challenge.confirm = key_->host_confirmation(client_, host_);
    return challenge;
}

bool PairingCeremony::verify(const wire::PairProof& proof) const {
    return key_ && crypto::constant_time_equal(key_->client_confirmation(client_, host_), proof.confirm);
}

}  // namespace punktfunk::native
