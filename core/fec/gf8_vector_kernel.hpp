// A Gf8Kernel of a vector trait. Included by one file an instruction set, and by the test, which brings its own trait.
#pragma once

#include "gf8_transform.hpp"

namespace punktfunk::fec {

// kRows sums of two vectors are held in registers, so every shard is read once for that many rows; up to kFewRows rows
// are done on four vectors at a time, for which a factor is looked up but once.
template <typename V, size_t kRows, size_t kFewRows>
class Gf8Matrix {
  public:
    static constexpr size_t kStrip = 2 * V::kBytes;

    static void multiply(const Gf8Shards& shards, size_t count, size_t rows, const uint8_t* coefficients) {
        const auto* factors = gf8_maps<typename V::Map>().factor.data();
        if (rows <= kFewRows && shards.bytes >= 2 * kStrip) {
            return with_constant<kFewRows>(rows, [&]<size_t Rows>() {
                for_each_piece<4, V::kBytes>(shards.bytes, [&]<size_t Width>(size_t at) {
                    multiply_rows<Rows, Width>(shards, count, rows, 0, coefficients, factors, at);
                });
            });
        }
        for_each_strip<kStrip>(shards.bytes, [&](size_t at) {
            for (size_t row = 0; row < rows;) {
                // As many passes as it takes, all of about the same number of rows.
                const size_t left = rows - row, passes = (left + kRows - 1) / kRows;
                const size_t some = (left + passes - 1) / passes;
                with_constant<kRows>(some, [&]<size_t Rows>() {
                    multiply_rows<Rows, 2>(shards, count, rows, row, coefficients + row, factors, at);
                });
                row += some;
            }
        });
    }

  private:
    template <size_t Rows, size_t Width>
    [[gnu::always_inline]] static inline void multiply_rows(const Gf8Shards& shards, size_t count, size_t stride,
                                                            size_t row, const uint8_t* coefficients,
                                                            const typename V::Map* factors, size_t at) {
        using Vector = typename V::Vector;
        Vector sum[Rows][Width];
#pragma GCC unroll 16
        for (size_t j = 0; j < Rows; ++j) {
#pragma GCC unroll 4
            for (size_t c = 0; c < Width; ++c) {
                sum[j][c] = shards.add ? V::load(shards.add[row + j] + at + c * V::kBytes) : V::zero();
            }
        }
        size_t i = 0;
        if constexpr (V::kAddsThree) {
            for (; i + 2 <= count; i += 2, coefficients += 2 * stride) {
                add_products<Rows, Width, 2>(sum, shards.from + i, stride, coefficients, factors, at);
            }
        }
        for (; i < count; ++i, coefficients += stride) {
            add_products<Rows, Width, 1>(sum, shards.from + i, stride, coefficients, factors, at);
        }
#pragma GCC unroll 16
        for (size_t j = 0; j < Rows; ++j) {
#pragma GCC unroll 4
            for (size_t c = 0; c < Width; ++c) V::store(shards.to[row + j] + at + c * V::kBytes, sum[j][c]);
        }
    }

    // Of `Count` shards, 1 or 2.
    template <size_t Rows, size_t Width, size_t Count>
    [[gnu::always_inline]] static inline void add_products(typename V::Vector (&sum)[Rows][Width],
                                                           const uint8_t* const* from, size_t stride,
                                                           const uint8_t* coefficients, const typename V::Map* factors,
                                                           size_t at) {
        typename V::Vector shard[Count][Width];
#pragma GCC unroll 2
        for (size_t i = 0; i < Count; ++i) {
#pragma GCC unroll 4
            for (size_t c = 0; c < Width; ++c) shard[i][c] = V::load(from[i] + at + c * V::kBytes);
        }
#pragma GCC unroll 16
        for (size_t j = 0; j < Rows; ++j) {
            const auto factor = V::prepare(factors[coefficients[j]]);
            if constexpr (Count == 1) {
#pragma GCC unroll 4
                for (size_t c = 0; c < Width; ++c) sum[j][c] = V::sum(sum[j][c], V::apply(factor, shard[0][c]));
            } else {
                const auto second = V::prepare(factors[coefficients[stride + j]]);
#pragma GCC unroll 4
                for (size_t c = 0; c < Width; ++c) {
                    sum[j][c] = V::sum(sum[j][c], V::apply(factor, shard[0][c]), V::apply(second, shard[1][c]));
                }
            }
        }
    }
};

template <typename V, size_t kRows, size_t kFewRows, size_t kRadixBits>
constexpr Gf8Kernel make_gf8_kernel(std::string_view name, Kernel kind, bool (*supported)(), ButterflyCost cost) {
    using Matrix = Gf8Matrix<V, kRows, kFewRows>;
    using Transform = Gf8Transform<V, kRadixBits>;
    return {
        .name = name,
        .kind = kind,
        .supported = supported,
        .minimum_bytes = Matrix::kStrip > Transform::kStrip ? Matrix::kStrip : Transform::kStrip,
        .multiply = Matrix::multiply,
        .transform = [](const Gf8Shards& shards, size_t rows, size_t end) { Transform(shards, rows, end).run(); },
        .butterfly_cost = cost,
    };
}

}  // namespace punktfunk::fec
