#include "session_secret.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

namespace punktfunk::nvhttp {

SessionSecret::~SessionSecret() {
    ::OPENSSL_cleanse(key.data(), key.size());
}

bool UsedKeys::insert(const SessionSecret& secret) {
    std::array<uint8_t, 32> digest{};
    ::SHA256(secret.key.data(), secret.key.size(), digest.data());
    if (std::ranges::find(digests_, digest) != digests_.end()) return false;
    if (digests_.size() == kCapacity) digests_.pop_front();
    digests_.push_back(digest);
    return true;
}

}  // namespace punktfunk::nvhttp
