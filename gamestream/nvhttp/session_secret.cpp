#include "session_secret.hpp"

#include <openssl/sha.h>

#include <algorithm>

namespace punktfunk::nvhttp {

bool UsedKeys::insert(const SessionSecret& secret) {
    std::array<uint8_t, 32> digest{};
    ::SHA256(secret.key.bytes.data(), secret.key.bytes.size(), digest.data());
    if (std::ranges::find(digests_, digest) != digests_.end()) return false;
    if (digests_.size() == kCapacity) digests_.pop_front();
    digests_.push_back(digest);
    return true;
}

}  // namespace punktfunk::nvhttp
