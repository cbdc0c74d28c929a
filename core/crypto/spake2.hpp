// SPAKE2 over Ed25519 as the pairing ceremony uses it (spec §3). The client is side A, the host side B; the password is
// the PIN's ASCII bytes, the identities are both certificates' fingerprints.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::crypto {

enum class Spake2Side : uint8_t { Client = 0x41, Host = 0x42 };

using Spake2Message = std::array<uint8_t, 33>;
using ConfirmationMac = std::array<uint8_t, 32>;

// What both sides hold after a finished exchange.
struct Spake2Key {
    std::array<uint8_t, 32> key{};
    [[nodiscard]] ConfirmationMac host_confirmation(const Fingerprint& client, const Fingerprint& host) const;
    [[nodiscard]] ConfirmationMac client_confirmation(const Fingerprint& client, const Fingerprint& host) const;
};

// One run. Secrets are wiped on destruction.
class Spake2 {
  public:
    // `scalar_le32` fixes the ephemeral scalar (test vectors); absent, it is drawn at random.
    Spake2(Spake2Side side, std::string_view pin, const Fingerprint& client, const Fingerprint& host,
           std::optional<std::array<uint8_t, 32>> scalar_le32 = std::nullopt);
    ~Spake2();
    Spake2(const Spake2&) = delete;
    Spake2& operator=(const Spake2&) = delete;

    [[nodiscard]] const Spake2Message& message() const { return message_; }
    // ErrorCode::ProtocolViolation for a wrong length, side byte or point. A wrong PIN is not an error here: the keys
    // just differ and the confirmations will not match.
    [[nodiscard]] Result<Spake2Key> finish(std::span<const uint8_t> peer_message) const;

  private:
    Spake2Side side_;
    std::array<uint8_t, 32> password_hash_{};    // SHA-256(PIN)
    std::array<uint8_t, 32> password_scalar_{};  // w
    std::array<uint8_t, 32> scalar_{};           // x or y
    Fingerprint client_;
    Fingerprint host_;
    Spake2Message message_{};
};

}  // namespace punktfunk::crypto
