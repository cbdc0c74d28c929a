// GF(2^16) in Leopard's Cantor basis (spec §4.9.1), as logarithms. The twiddle that a transform multiplies with in
// layer i at position p is simply the element p >> i, so there is no table of them.
#pragma once

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
    [[nodiscard]] uint16_t log(size_t element) const { return log_[element]; }
    [[nodiscard]] uint16_t multiply(uint16_t a, uint16_t b) const;

  private:
    std::vector<uint16_t> exp_, log_;
};

}  // namespace punktfunk::fec
