// GF(2^8) over 0x11D, generator 2 (spec §4.8), by logarithms.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace punktfunk::fec {

class Gf8Field {
  public:
    static constexpr unsigned kOrder = 255;  // of the multiplicative group

    constexpr Gf8Field() {
        unsigned power = 1;
        for (unsigned i = 0; i < kOrder; ++i) {
            exp_[i] = exp_[i + kOrder] = static_cast<uint8_t>(power);
            log_[power] = static_cast<uint8_t>(i);
            power <<= 1;
            if (power > 0xFF) power ^= 0x11D;
        }
        for (unsigned value = 1; value < 256; ++value) inverse_[value] = exp_[kOrder - log_[value]];
    }
    [[nodiscard]] constexpr uint8_t exp(unsigned exponent) const { return exp_[exponent % kOrder]; }
    [[nodiscard]] constexpr unsigned log(uint8_t value) const { return log_[value]; }  // of a value that is not 0
    [[nodiscard]] constexpr uint8_t multiply(uint8_t a, uint8_t b) const {
        return a == 0 || b == 0 ? uint8_t{0} : exp_[log_[a] + log_[b]];
    }
    [[nodiscard]] constexpr uint8_t inverse(uint8_t value) const { return inverse_[value]; }  // inv(0) = 0

  private:
    std::array<uint8_t, 2 * kOrder> exp_{};
    std::array<uint8_t, 256> log_{}, inverse_{};
};

inline constexpr Gf8Field kGf8Field;

}  // namespace punktfunk::fec
