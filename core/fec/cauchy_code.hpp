// Scheme 0: GF(2^8) with a Cauchy matrix (spec §4.8).
//
// Parity row j is the field's point j, data column i the point m + i, and the matrix 1 / (their sum). Two ways lead to
// the same bytes: row by row, or, for many rows, by additive FFTs over ranges of points. The cheaper one is taken.
#pragma once

#include <array>

#include "gf8_kernel.hpp"

namespace punktfunk::fec {

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
    struct Sums;
    [[nodiscard]] const Gf8Kernel& kernel_for(size_t shard_bytes) const {
        return shard_bytes < kernel_.minimum_bytes ? kGf8Scalar : kernel_;
    }
    void compute(Sums& sums, size_t shard_bytes, Workspace::Impl& space) const;
    const Gf8Kernel& kernel_;
};

}  // namespace punktfunk::fec
