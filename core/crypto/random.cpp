#include "punktfunk/crypto/random.hpp"

#include <sodium.h>

#include <cstdlib>

namespace punktfunk::crypto {

void random_bytes(std::span<uint8_t> out) {
    // Idempotent and thread-safe. Without it there is no randomness, and nothing safe to go on with.
    if (::sodium_init() < 0) std::abort();
    ::randombytes_buf(out.data(), out.size());
}

uint32_t random_below(uint32_t bound) {
    return ::randombytes_uniform(bound);
}

bool constant_time_equal(std::span<const uint8_t> a, std::span<const uint8_t> b) {
    return a.size() == b.size() && ::sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace punktfunk::crypto
