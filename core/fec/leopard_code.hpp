// Scheme 1: GF(2^16) Leopard (spec §4.9).
#pragma once

#include "leopard_parts.hpp"

namespace punktfunk::fec {

class LeopardCode final : public ErasureCode {
  public:
    explicit LeopardCode(const Gf16Kernel& kernel) : parts_(kernel) {}

    [[nodiscard]] Scheme scheme() const override { return Scheme::Gf16; }
    [[nodiscard]] std::string_view kernel_name() const override { return parts_.kernel.name; }
    Result<void> encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity, size_t shard_bytes,
                        Workspace& workspace) const override;
    Result<void> reconstruct(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                             std::span<const uint8_t* const> parity, size_t shard_bytes,
                             Workspace& workspace) const override;

  private:
    LeopardParts parts_;
};

}  // namespace punktfunk::fec
