// A Gf8Kernel of a vector trait. Included by one file an instruction set, and by the test, which brings its own trait.
#pragma once

#include "gf8_transform.hpp"

namespace punktfunk::fec {

// kRows sums of two vectors are held in registers, so every shard is read once for that many rows; fewer rows are done
// on up to kColumns vectors at a time.
template <typename V, size_t kRows, size_t kColumns>
class Gf8Matrix {
  public:
    static constexpr size_t kStrip = kColumns * V::kBytes;

    static void multiply(const Gf8Shards& shards, size_t count, size_t rows, const uint8_t* coefficients) {
        const auto& factors = gf8_maps<typename V::Map>().factor;
        for_each_strip<kStrip>(shards.bytes, [&](size_t at) {
            for (size_t row = 0; row < rows;) {
                // As many passes as it takes, all of about the same number of rows.
                const size_t left = rows - row, passes = (left + kRows - 1) / kRows;
                const size_t some = (left + passes - 1) / passes;
                with_constant<kRows>(some, [&]<size_t Rows>() {
                    constexpr size_t kWidth = Rows == 1 ? kColumns : 2;
                    for (size_t column = 0; column < kColumns; column += kWidth) {
                        multiply_rows<Rows, kWidth>(shards, count, rows, row, coefficients + row, factors.data(),
                                                    at + column * V::kBytes);
                    }
                });
                row += some;
            }
        });
    }

  private:
    template <size_t Rows, size_t Width>
    static void multiply_rows(const Gf8Shards& shards, size_t count, size_t stride, size_t row,
                              const uint8_t* coefficients, const typename V::Map* factors, size_t at) {
        using Vector = typename V::Vector;
        Vector sum[Rows][Width];
#pragma GCC unroll 16
        for (size_t j = 0; j < Rows; ++j) {
#pragma GCC unroll 4
            for (size_t c = 0; c < Width; ++c) {
                sum[j][c] = shards.add ? V::load(shards.add[row + j] + at + c * V::kBytes) : V::zero();
            }
        }
        for (size_t i = 0; i < count; ++i, coefficients += stride) {
            Vector shard[Width];
#pragma GCC unroll 4
            for (size_t c = 0; c < Width; ++c) shard[c] = V::load(shards.from[i] + at + c * V::kBytes);
#pragma GCC unroll 16
            for (size_t j = 0; j < Rows; ++j) {
                const auto factor = V::prepare(factors[coefficients[j]]);
#pragma GCC unroll 4
                for (size_t c = 0; c < Width; ++c) sum[j][c] = V::sum(sum[j][c], V::apply(factor, shard[c]));
            }
        }
#pragma GCC unroll 16
        for (size_t j = 0; j < Rows; ++j) {
#pragma GCC unroll 4
            for (size_t c = 0; c < Width; ++c) V::store(shards.to[row + j] + at + c * V::kBytes, sum[j][c]);
        }
    }
};

template <typename V, size_t kRows, size_t kColumns, size_t kRadixBits>
constexpr Gf8Kernel make_gf8_kernel(std::string_view name, Kernel kind, bool (*supported)(), double butterfly_cost) {
    using Matrix = Gf8Matrix<V, kRows, kColumns>;
    using Transform = Gf8Transform<V, kRadixBits>;
    return {
        .name = name,
        .kind = kind,
        .supported = supported,
        .minimum_bytes = Matrix::kStrip > Transform::kStrip ? Matrix::kStrip : Transform::kStrip,
        .multiply = Matrix::multiply,
        .transform = [](const Gf8Shards& shards, size_t rows, size_t end) { Transform(shards, rows, end).run(); },
        .butterfly_cost = butterfly_cost,
    };
}

}  // namespace punktfunk::fec
