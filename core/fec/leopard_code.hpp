// Scheme 1: GF(2^16) Leopard (spec §4.9).
#pragma once

#include "error_locator.hpp"
#include "gf16_kernel.hpp"
#include "leopard_transform.hpp"

namespace punktfunk::fec {

class LeopardCode final : public ErasureCode {
  public:
    LeopardCode(const Gf16Kernel& kernel, const Gf16Field& field)
        : kernel_(kernel), field_(field), transform_(kernel, field), locator_(field) {}

    [[nodiscard]] Scheme scheme() const override { return Scheme::Gf16; }
    [[nodiscard]] std::string_view kernel_name() const override { return kernel_.name; }
    Result<void> encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity, size_t shard_bytes,
                        Workspace& workspace) const override;
    Result<void> reconstruct(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                             std::span<const uint8_t* const> parity, size_t shard_bytes,
                             Workspace& workspace) const override;

  private:
    void encode_high(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity, size_t shard_bytes,
                     Workspace::Impl& space) const;
    void encode_low(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity, size_t shard_bytes,
                    Workspace::Impl& space) const;
    const Gf16Kernel& kernel_;
    const Gf16Field& field_;
    LeopardTransform transform_;
    ErrorLocator locator_;
};

}  // namespace punktfunk::fec
