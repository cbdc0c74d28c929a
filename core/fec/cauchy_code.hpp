// Scheme 0: GF(2^8) with a Cauchy matrix (spec §4.8).
#pragma once

#include <array>

#include "gf8_kernel.hpp"

namespace punktfunk::fec {

class Gf8Field {
  public:
    Gf8Field();
    [[nodiscard]] uint8_t multiply(uint8_t a, uint8_t b) const {
        return static_cast<uint8_t>(factors_[a].low[b & 15] ^ factors_[a].high[b >> 4]);
    }
    [[nodiscard]] uint8_t inverse(uint8_t value) const { return inverse_[value]; }  // inv(0) = 0
    [[nodiscard]] const Gf8Factor* factors() const { return factors_.data(); }

  private:
    std::array<Gf8Factor, 256> factors_;
    std::array<uint8_t, 256> inverse_{};
};

class CauchyCode final : public ErasureCode {
  public:
    explicit CauchyCode(const Gf8Kernel& kernel) : kernel_(kernel) {}

    [[nodiscard]] Scheme scheme() const override { return Scheme::Gf8; }
    [[nodiscard]] std::string_view kernel_name() const override { return kernel_.name; }
    Result<void> encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity, size_t shard_bytes,
                        Workspace& workspace) const override;
    Result<void> reconstruct(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                             std::span<const uint8_t* const> parity, size_t shard_bytes,
                             Workspace& workspace) const override;

  private:
    [[nodiscard]] uint8_t matrix(size_t parity_count, size_t row, size_t column) const {
        return field_.inverse(static_cast<uint8_t>((parity_count + column) ^ row));
    }
    const Gf8Kernel& kernel_;
    Gf8Field field_;
};

}  // namespace punktfunk::fec
