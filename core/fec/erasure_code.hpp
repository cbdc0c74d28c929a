// Systematic erasure codes over shards of equal, even length (spec §4.8, §4.9). Any k of the k+m shards restore the
// data.
//
// An ErasureCode is immutable after construction and may be shared by threads; scratch space lives in a Workspace the
// caller owns, which grows to the largest shape used and then allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"

namespace punktfunk::fec {

enum class Scheme : uint8_t { Gf8 = 0, Gf16 = 1 };

// Instruction set a kernel is written for. Best = the fastest the CPU has.
enum class Kernel : uint8_t { Scalar, Ssse3, Avx2, Avx2Gfni, Avx512Gfni, Neon, Best };

[[nodiscard]] size_t max_total_shards(Scheme scheme);  // 255 or 65535
// Whether the code has such a block. Over GF(2^16) the smaller of the two counts is rounded up to a power of two, so
// that some blocks of fewer than 65535 shards are too many for it.
[[nodiscard]] bool is_possible(Scheme scheme, size_t data_shards, size_t parity_shards);
// 0 when percent or data_shards is 0, else ceil(data_shards * percent / 100) (spec §4.5).
[[nodiscard]] constexpr size_t recovery_count(size_t data_shards, unsigned percent) {
    return (data_shards * percent + 99) / 100;
}

class Workspace {
  public:
    Workspace();
    ~Workspace();
    Workspace(Workspace&&) noexcept;
    Workspace& operator=(Workspace&&) noexcept;
    struct Impl;
    Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

class ErasureCode {
  public:
    virtual ~ErasureCode() = default;
    [[nodiscard]] virtual Scheme scheme() const = 0;
    [[nodiscard]] virtual std::string_view kernel_name() const = 0;

    // data: k pointers, parity: m pointers, each to shard_bytes bytes (even, > 0); parity is overwritten.
    // InvalidArgument for an odd or zero length, Unsupported for a shape past the scheme's limits.
    virtual Result<void> encode(std::span<const uint8_t* const> data, std::span<uint8_t* const> parity,
                                size_t shard_bytes, Workspace& workspace) const = 0;

    // data: k pointers, all valid; data_present[i] says whether data[i] holds its shard. parity: m pointers, nullptr
    // where it was not received. Missing data shards are written in place. Exhausted when fewer than k shards are
    // present.
    virtual Result<void> reconstruct(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
                                     std::span<const uint8_t* const> parity, size_t shard_bytes,
                                     Workspace& workspace) const = 0;
};

// The process's shared instance for a scheme (Best), or one with a named kernel; a kernel that the CPU or the scheme
// lacks answers the scalar one.
[[nodiscard]] std::shared_ptr<const ErasureCode> erasure_code(Scheme scheme, Kernel kernel = Kernel::Best);

// A code over GF(2^8) whose parity somebody else has laid down, one row after the other, each with a coefficient for
// every one of the `data_shards`. It takes shards of that count only, of any length; at most 255 with the parity.
// reconstruct() answers Exhausted too where the matrix does not determine what is lost.
[[nodiscard]] std::shared_ptr<const ErasureCode> matrix_code(std::span<const uint8_t> rows, size_t data_shards);

}  // namespace punktfunk::fec
