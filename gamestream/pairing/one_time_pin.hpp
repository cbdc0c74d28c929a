// Apollo's way to pair without typing: the host shows a PIN and a passphrase beforehand, and the client proves with its
// first request that it was given both (spec §2.11).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::pairing {

// SHA-256(PIN || salt as hex text || passphrase). The salt's text enters as the client wrote it.
[[nodiscard]] std::array<uint8_t, 32> one_time_token(std::string_view pin, std::string_view salt_text,
                                                     std::string_view passphrase);

class OneTimePin {
  public:
    static constexpr std::chrono::minutes kLifetime{3};
    // `pin` is four digits; anybody who sees the token can try passphrases on it, so a passphrase should be long.
    OneTimePin(std::string pin, std::string passphrase, SteadyClock::time_point now);
    [[nodiscard]] bool expired(SteadyClock::time_point now) const { return now >= expires_; }
    // `token` in hex of either case.
    [[nodiscard]] bool matches(std::string_view token, std::string_view salt_text) const;
    [[nodiscard]] const std::string& pin() const { return pin_; }

  private:
    std::string pin_, passphrase_;
    SteadyClock::time_point expires_;
};

}  // namespace punktfunk::pairing
