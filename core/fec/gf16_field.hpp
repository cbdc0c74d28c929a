// GF(2^16) in Leopard's Cantor basis: logarithms and the skew factors of the additive FFT (spec §4.9.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace punktfunk::fec {

class Gf16Field {
  public:
    static constexpr uint32_t kOrder = 65536;
    static constexpr uint32_t kModulus = 65535;  // also the "logarithm" of zero

    Gf16Field();

    [[nodiscard]] uint16_t exp(uint32_t logarithm) const { return exp_[logarithm]; }  // 0..65535
    [[nodiscard]] uint16_t log(uint16_t value) const { return log_[value]; }
    [[nodiscard]] uint16_t skew(size_t index) const { return skew_[index]; }  // 0..65534, a logarithm
    // value * exp(logarithm)
    [[nodiscard]] uint16_t multiply(uint16_t value, uint32_t logarithm) const;
    // exp(logarithm) times each power of two: what a kernel's multiplier is made of.
    [[nodiscard]] std::array<uint16_t, 16> products(uint32_t logarithm) const;

  private:
    void make_skew();
    std::vector<uint16_t> exp_, log_, skew_;
};

}  // namespace punktfunk::fec
