// The system's CSPRNG, and comparing without telling where two values differ.
#pragma once

#include <cstdint>
#include <span>

namespace punktfunk::crypto {

void random_bytes(std::span<uint8_t> out);
// Uniform in [0, bound), bound > 0.
[[nodiscard]] uint32_t random_below(uint32_t bound);
// Constant time in the contents; different lengths answer false at once.
[[nodiscard]] bool constant_time_equal(std::span<const uint8_t> a, std::span<const uint8_t> b);

}  // namespace punktfunk::crypto
