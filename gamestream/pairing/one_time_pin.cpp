#include "one_time_pin.hpp"

#include <openssl/sha.h>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"

namespace punktfunk::pairing {

std::array<uint8_t, 32> one_time_token(std::string_view pin, std::string_view salt_text, std::string_view passphrase) {
    std::string text(pin);
    text.append(salt_text).append(passphrase);
    std::array<uint8_t, 32> token{};
    ::SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), token.data());
    return token;
}

OneTimePin::OneTimePin(std::string pin, std::string passphrase, SteadyClock::time_point now)
    : pin_(std::move(pin)), passphrase_(std::move(passphrase)), expires_(now + kLifetime) {}

bool OneTimePin::matches(std::string_view token, std::string_view salt_text) const {
    const auto bytes = from_hex(token);
    return bytes && crypto::constant_time_equal(*bytes, one_time_token(pin_, salt_text, passphrase_));
}

}  // namespace punktfunk::pairing
