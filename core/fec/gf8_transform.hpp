// The Cauchy matrix 1 / (x + y) times shards, for consecutive x and y, in O(n log n): see Gf8Kernel::transform.
//
// Let a polynomial of degree < 2^b pass through the shards at the points y of a coset c + V_b. By Lagrange's formula
// its value at a point x of another coset r + V_b is a constant (the same for all x and y, see Gf8Maps::scale) times
// the sum of shard / (x + y). So a coset of shards costs one inverse FFT; the coefficients of all cosets are added, and
// one FFT gives all rows.
//
// Rows fill their power of two only in part, and the shards that lie in the rest of it are no coset of their own. They
// are where it is halved: the right half's shards are a coset seen from the left half, and if the rows end in the right
// half, the same is done there.
#pragma once

#include <cstring>

#include "gf8_kernel.hpp"
#include "gf8_maps.hpp"

namespace punktfunk::fec {

// f.template operator()<n>(), n from 1 to Max
template <size_t Max, typename F>
[[gnu::always_inline]] inline void with_constant(size_t n, const F& f) {
    if constexpr (Max > 1) {
        if (n != Max) return with_constant<Max - 1>(n, f);
    }
    f.template operator()<Max>();
}

// f(offset) for pieces of `Step` bytes; the last one overlaps its neighbour. bytes >= Step
template <size_t Step, typename F>
[[gnu::always_inline]] inline void for_each_strip(size_t bytes, const F& f) {
    for (size_t at = 0; at + Step < bytes; at += Step) f(at);
    f(bytes - Step);
}

// f.template operator()<Width>(offset) for pieces of Wide vectors of Bytes each, from `at` on; the last one is as
// narrow as what is left allows and may overlap its neighbour. Wide is a power of two; bytes >= Wide * Bytes
template <size_t Wide, size_t Bytes, typename F>
[[gnu::always_inline]] inline void for_each_piece(size_t bytes, const F& f, size_t at = 0) {
    for (; at + Wide * Bytes <= bytes; at += Wide * Bytes) f.template operator()<Wide>(at);
    if constexpr (Wide > 1) {
        if (bytes - at <= Wide / 2 * Bytes) return for_each_piece<Wide / 2, Bytes>(bytes, f, at);
    }
    if (at < bytes) f.template operator()<Wide>(bytes - Wide * Bytes);
}

// kRadixBits: log2 of how many vectors are transformed in registers.
template <typename V, size_t kRadixBits>
class Gf8Transform {
  public:
    static constexpr size_t kStrip = 64;  // columns at a time: a cache line of every shard, all passes in L1

    Gf8Transform(const Gf8Shards& shards, size_t rows, size_t end)
        : maps_(gf8_maps<typename V::Map>()), shards_(shards), rows_(rows), end_(end) {}

    void run() {
        size_t bits = 1;
        while (size_t{1} << bits < rows_) ++bits;
        const size_t size = size_t{1} << bits;
        if (bits < kRadixBits && shards_.bytes >= kWide * V::kBytes) {
            return with_constant<kRadixBits - 1>(bits, [&]<size_t Bits>() {
                for_each_piece<(kWide >> Bits), V::kBytes>(
                    shards_.bytes, [&]<size_t Width>(size_t at) { in_registers<Bits, Width>(at); });
            });
        }
        for_each_strip<kStrip>(shards_.bytes, [&](size_t at) {
            at_ = at;
            if (size >= end_) std::memset(sums_, 0, size * kStrip);
            for (size_t coset = size; coset < end_; coset += size) add_coset(coset, 0, bits, sums_, coset == size);
            evaluate(bits);
        });
    }

  private:
    using Vector = typename V::Vector;
    // So many vectors can be held beside as many that are transformed.
    static constexpr size_t kWide = size_t{1} << (kRadixBits - 1);

    // All of it for few rows, `Width` vectors of each at a time: their sums stay in registers.
    template <size_t Bits, size_t Width>
    void in_registers(size_t at) const {
        constexpr size_t kCount = size_t{1} << Bits;
        Vector sum[Width][kCount];
#pragma GCC unroll 8
        for (size_t c = 0; c < Width; ++c) {
#pragma GCC unroll 8
            for (size_t j = 0; j < kCount; ++j) sum[c][j] = V::zero();
        }
        for (size_t coset = kCount; coset < end_; coset += kCount) {
            const auto scale = V::prepare(maps_.factor[maps_.scale[Bits][coset]]);
#pragma GCC unroll 8
            for (size_t c = 0; c < Width; ++c) {
                Vector v[kCount];
#pragma GCC unroll 8
                for (size_t j = 0; j < kCount; ++j) v[j] = V::load(shards_.from[coset + j] + at + c * V::kBytes);
                inverse_butterflies<Bits>(v, 0, coset);
#pragma GCC unroll 8
                for (size_t j = 0; j < kCount; ++j) sum[c][j] = V::sum(sum[c][j], V::apply(scale, v[j]));
            }
        }
#pragma GCC unroll 8
        for (size_t c = 0; c < Width; ++c) {
            forward_butterflies<Bits>(sum[c], 0, 0);
            finish<kCount>(sum[c], 0, at + c * V::kBytes);
        }
    }

    // sums = the coefficients of the polynomial through 2^bits shards from `point`, scaled for rows from `row`, on top
    // of what is there unless that is nothing yet.
    void add_coset(size_t point, size_t row, size_t bits, uint8_t* sums, bool fresh) {
        if (point >= end_) return;
        const auto scale = V::prepare(maps_.factor[maps_.scale[bits][point ^ row]]);
        const auto from_shard = [&](size_t i, size_t column) {
            return V::load(shards_.from[point + i] + at_ + column);
        };
        const auto from_work = [&](size_t i, size_t column) { return V::load(work_ + i * kStrip + column); };
        const auto to_work = [&](size_t i, size_t column, Vector v) { V::store(work_ + i * kStrip + column, v); };
        const auto to_sums = [&](size_t i, size_t column, Vector v) {
            uint8_t* sum = sums + i * kStrip + column;
            v = V::apply(scale, v);
            V::store(sum, fresh ? v : V::sum(v, V::load(sum)));
        };
        if (bits <= kRadixBits) {
            return with_constant<kRadixBits>(
                bits, [&]<size_t Bits>() { inverse<Bits>(point, 0, bits, from_shard, to_sums); });
        }
        inverse<kRadixBits>(point, 0, bits, from_shard, to_work);
        size_t layer = kRadixBits;
        for (; layer + kRadixBits < bits; layer += kRadixBits) {
            inverse<kRadixBits>(point, layer, bits, from_work, to_work);
        }
        with_constant<kRadixBits>(bits - layer,
                                  [&]<size_t Bits>() { inverse<Bits>(point, layer, bits, from_work, to_sums); });
    }

    // From the coefficients in sums_ to the rows.
    void evaluate(size_t bits) {
        uint8_t* sums = sums_;
        size_t row = 0;
        while (row + (size_t{1} << bits) > rows_ && bits > kRadixBits) {
            --bits;
            const size_t half = size_t{1} << bits, middle = row + half;
            forward<1>(sums, row, bits, bits + 1);
            add_coset(middle, row, bits, sums, false);
            if (rows_ <= middle) continue;
            evaluate_all(sums, row, bits);
            sums += half * kStrip;
            row = middle;
        }
        evaluate_all(sums, row, bits);
    }

    void evaluate_all(uint8_t* sums, size_t row, size_t bits) {
        size_t layer = bits;
        for (; layer > kRadixBits; layer = (layer - 1) / kRadixBits * kRadixBits) {
            const size_t below = (layer - 1) / kRadixBits * kRadixBits;
            with_constant<kRadixBits>(layer - below, [&]<size_t Bits>() { forward<Bits>(sums, row, below, bits); });
        }
        with_constant<kRadixBits>(layer, [&]<size_t Bits>() { forward_to_rows<Bits>(sums, row, bits); });
    }

    // `Bits` layers of a transform of 2^bits points, from `layer` up.
    template <size_t Bits, typename Load, typename Store>
    [[gnu::always_inline]] void inverse(size_t point, size_t layer, size_t bits, const Load& load, const Store& store) {
        constexpr size_t kCount = size_t{1} << Bits;
        for (size_t block = 0; block < size_t{1} << bits; block += kCount << layer) {
            const bool empty =
                point + block >= end_;  // then so are all blocks before this pass, and the pass is the first
            for (size_t first = block; first < block + (size_t{1} << layer); ++first) {
                for (size_t column = 0; column < kStrip; column += V::kBytes) {
                    Vector v[kCount];
#pragma GCC unroll 16
                    for (size_t j = 0; j < kCount; ++j) v[j] = empty ? V::zero() : load(first + (j << layer), column);
                    inverse_butterflies<Bits>(v, layer, point + block);
#pragma GCC unroll 16
                    for (size_t j = 0; j < kCount; ++j) store(first + (j << layer), column, v[j]);
                }
            }
        }
    }

    template <size_t Bits>
    void forward(uint8_t* sums, size_t row, size_t layer, size_t bits) {
        constexpr size_t kCount = size_t{1} << Bits;
        for (size_t block = 0; block < size_t{1} << bits; block += kCount << layer) {
            for (size_t first = block; first < block + (size_t{1} << layer); ++first) {
                for (size_t column = 0; column < kStrip; column += V::kBytes) {
                    uint8_t* at = sums + first * kStrip + column;
                    Vector v[kCount];
#pragma GCC unroll 16
                    for (size_t j = 0; j < kCount; ++j) v[j] = V::load(at + (j << layer) * kStrip);
                    forward_butterflies<Bits>(v, layer, row + block);
#pragma GCC unroll 16
                    for (size_t j = 0; j < kCount; ++j) V::store(at + (j << layer) * kStrip, v[j]);
                }
            }
        }
    }

    // The last layers, and in the block where the rows end, the shards that follow them in it.
    template <size_t Bits>
    void forward_to_rows(const uint8_t* sums, size_t row, size_t bits) {
        constexpr size_t kCount = size_t{1} << Bits;
        for (size_t x = row; x < row + (size_t{1} << bits); x += kCount, sums += kCount * kStrip) {
            for (size_t column = 0; column < kStrip; column += V::kBytes) {
                Vector v[kCount];
#pragma GCC unroll 16
                for (size_t j = 0; j < kCount; ++j) v[j] = V::load(sums + j * kStrip + column);
                forward_butterflies<Bits>(v, 0, x);
                finish<kCount>(v, x, at_ + column);
            }
        }
    }

    // v = the rows from x on, but for the shards that follow the last row in their block.
    template <size_t kCount>
    [[gnu::always_inline]] void finish(Vector* v, size_t x, size_t at) const {
        for (size_t y = rows_; y < x + kCount && y < end_; ++y) {
            const Vector shard = V::load(shards_.from[y] + at);
#pragma GCC unroll 16
            for (size_t j = 0; j < kCount; ++j) {
                if (x + j >= rows_) break;
                v[j] = V::sum(v[j], V::apply(V::prepare(maps_.reciprocal[(x + j) ^ y]), shard));
            }
        }
#pragma GCC unroll 16
        for (size_t j = 0; j < kCount; ++j) {
            if (x + j >= rows_) break;
            if (shards_.add) v[j] = V::sum(v[j], V::load(shards_.add[x + j] + at));
            V::store(shards_.to[x + j] + at, v[j]);
        }
    }

    template <size_t Bits>
    [[gnu::always_inline]] void inverse_butterflies(Vector* v, size_t layer, size_t point) const {
#pragma GCC unroll 4
        for (size_t bit = 0; bit < Bits; ++bit) {
            const size_t half = size_t{1} << bit;
            const auto* twiddle = maps_.twiddles(layer + bit, point);
#pragma GCC unroll 16
            for (size_t block = 0; block < size_t{1} << Bits; block += 2 * half) {
                const auto factor = V::prepare(twiddle[block / half / 2]);
#pragma GCC unroll 16
                for (size_t i = block; i < block + half; ++i) {
                    v[i + half] = V::sum(v[i + half], v[i]);
                    v[i] = V::sum(v[i], V::apply(factor, v[i + half]));
                }
            }
        }
    }

    template <size_t Bits>
    [[gnu::always_inline]] void forward_butterflies(Vector* v, size_t layer, size_t point) const {
#pragma GCC unroll 4
        for (size_t step = 1; step <= Bits; ++step) {
            const size_t bit = Bits - step, half = size_t{1} << bit;
            const auto* twiddle = maps_.twiddles(layer + bit, point);
#pragma GCC unroll 16
            for (size_t block = 0; block < size_t{1} << Bits; block += 2 * half) {
                const auto factor = V::prepare(twiddle[block / half / 2]);
#pragma GCC unroll 16
                for (size_t i = block; i < block + half; ++i) {
                    v[i] = V::sum(v[i], V::apply(factor, v[i + half]));
                    v[i + half] = V::sum(v[i + half], v[i]);
                }
            }
        }
    }

    const Gf8Maps<typename V::Map>& maps_;
    const Gf8Shards& shards_;
    const size_t rows_, end_;
    size_t at_ = 0;
    alignas(64) uint8_t work_[128 * kStrip];  // one coset's
    alignas(64) uint8_t sums_[256 * kStrip];
};

}  // namespace punktfunk::fec
