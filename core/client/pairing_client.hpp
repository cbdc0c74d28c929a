// The client's side of the PIN ceremony (spec §3.3).
#pragma once

#include <chrono>
#include <string>

#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::client {

// Returns the host's fingerprint, to be stored as the pin. Crypto for a wrong PIN (or somebody in the middle), Rejected
// when the host refuses (not armed, rate limited), Timeout, Io.
Result<crypto::Fingerprint> pair(const std::string& host_ip, uint16_t port, const crypto::Identity& identity,
                                 const std::string& pin, const std::string& name, std::chrono::milliseconds timeout);

}  // namespace punktfunk::client
