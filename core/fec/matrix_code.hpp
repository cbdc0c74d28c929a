// A code over GF(2^8) with a given parity matrix: a few shards, rows of no structure.
#pragma once

#include "gf8_kernel.hpp"

namespace punktfunk::fec {

class MatrixCode final : public ErasureCode {
  public:
    MatrixCode(const Gf8Kernel& kernel, std::span<const uint8_t> rows, size_t data_shards);

    [[nodiscard]] Scheme scheme() const override { return Scheme::Gf8; }
    [[nodiscard]] std::string_view kernel_name() const override { return kernel_.name; }
    Result<void> encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity, size_t shard_bytes,
                        Workspace& workspace) const override;
    Result<void> reconstruct(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                             std::span<const uint8_t* const> parity, size_t shard_bytes,
                             Workspace& workspace) const override;

  private:
    [[nodiscard]] Result<void> check(size_t k, size_t m, size_t shard_bytes) const;
    [[nodiscard]] const Gf8Kernel& kernel_for(size_t shard_bytes) const {
        return shard_bytes < kernel_.minimum_bytes ? kGf8Scalar : kernel_;
    }
    [[nodiscard]] uint8_t coefficient(size_t row, size_t column) const { return columns_[column * m_ + row]; }

    const Gf8Kernel& kernel_;
    size_t k_, m_;
    std::vector<uint8_t> columns_;  // one after the other, as the kernels read them
};

}  // namespace punktfunk::fec
