// Recovery of one block's lost data, by Lagrange's formula over the positions that are known.
//
// Let D be the positions of the lost data and P those of as many received parity shards. The code is the words f with
//
//     sum over all p of f(p) * g(p) = 0    for every polynomial g whose degree is less than the number of parity
//     positions
//
// (high rate; they fill the first chunk). The g that vanishes on D but at d, and on the parity that is not used, says
//
//     f(d) = sum over all p in neither of f(p) * L(p) / (L(d) * (d + p)),
//     L(p) = product over q in D of (p + q) / product over q in P of (p + q) * (p >> layers),
//
// where a factor of zero is left out: the product over a whole chunk of (p + q) is the element p >> layers. The
// low-rate code, whose data fill the first chunk, has 1 / (p >> layers) in that place.
#pragma once

#include "leopard_parts.hpp"

namespace punktfunk::fec {

class LeopardRecovery {
  public:
    LeopardRecovery(const LeopardParts& parts, const LeopardShape& shape, size_t shard_bytes, Workspace::Impl& space)
        : parts_(parts), shape_(shape), shard_bytes_(shard_bytes), space_(space) {}

    // As ErasureCode::reconstruct; something is lost, and enough is there.
    void run(std::span<uint8_t* const> data, std::span<const uint8_t> data_present,
             std::span<const uint8_t* const> parity);

  private:
    // The formula as it stands: best for a few.
    void directly();
    // Encoding what arrived, zeros in the gaps, and adding the parity that arrived leaves a word (the syndromes) that
    // is zero but at D and P: the formula has but as many terms as shards are lost.
    void from_syndromes();
    // The sum over P is a polynomial's value, up to a factor, and all of them together a transform: best for many.
    void by_transforms();

    // rows.sum[p] = the syndrome of parity position p, for those in use.
    void syndromes(const Strip& strip, const LeopardRows& rows) const;
    void scale(const uint8_t* row, size_t coefficient, uint8_t* out, const Strip& strip, bool to_rows) const;
    void combine(Gf16Combination combination, const Strip& strip) const;
    // Of the words at `positions`, which lie in space.rows, for the lost shards [first, first + count).
    Gf16Combination make_combination(std::span<const uint32_t> positions, size_t first, size_t count);
    void locate(size_t positions);                         // prepares that many calls of locator()
    [[nodiscard]] int64_t locator(size_t position) const;  // log L, not reduced
    [[nodiscard]] uint16_t tower_exp(int64_t logarithm) const;
    [[nodiscard]] size_t used_end() const { return space_.used.back() + 1; }

    const LeopardParts& parts_;
    const LeopardShape shape_;
    const size_t shard_bytes_;
    Workspace::Impl& space_;  // holds the lists: lost, used, known (positions), in, out (shards)
};

}  // namespace punktfunk::fec
