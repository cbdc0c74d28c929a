// Every GF(2^16) kernel: templates over a vector trait (vector_gfni_emulated.hpp). Included only by the kernels' files,
// which are compiled for their instruction set.
#pragma once

#include <algorithm>

#include "gf16_kernel.hpp"

namespace punktfunk::fec {

template <typename V>
class Gf16Passes {
    using Vector = typename V::Vector;
    using Maps = TowerMaps<typename V::Map>;

    // As many symbols as a vector has bytes; with Size 1 just some bytes, when all factors are in GF(2^8).
    template <size_t Size>
    struct Unit {
        Vector part[Size];
        friend Unit operator^(const Unit& a, const Unit& b) {
            Unit sum;
            for (size_t i = 0; i < Size; ++i) sum.part[i] = V::sum(a.part[i], b.part[i]);
            return sum;
        }
    };
    using Symbols = Unit<2>;  // low, high

    template <size_t Size>
    static Unit<Size> load(const uint8_t* from) {
        Unit<Size> unit;
        for (size_t i = 0; i < Size; ++i) unit.part[i] = V::load(from + i * V::kBytes);
        return unit;
    }
    template <size_t Size>
    static void store(uint8_t* to, const Unit<Size>& unit) {
        for (size_t i = 0; i < Size; ++i) V::store(to + i * V::kBytes, unit.part[i]);
    }

    // `at` counts a row's bytes; in a shard the low bytes of a chunk precede its high bytes.
    static constexpr size_t kHalfChunk = 32;
    static size_t in_shard(size_t at) { return at / 64 * 64 + at % 64 / 2; }

    static void load_shard(Symbols& tower, const uint8_t* shard, size_t at, const Maps& maps) {
        const uint8_t* from = shard + in_shard(at);
        Symbols symbols;
        if constexpr (V::kBytes > kHalfChunk) {
            symbols = {V::load_halves(from, from + 64), V::load_halves(from + kHalfChunk, from + 64 + kHalfChunk)};
        } else {
            symbols = {V::load(from), V::load(from + kHalfChunk)};
        }
        tower = turn(symbols, maps.low_to_tower, maps.to_tower);
    }
    static void store_shard(uint8_t* shard, size_t at, const Symbols& tower, const Maps& maps) {
        uint8_t* to = shard + in_shard(at);
        const Symbols symbols = turn(tower, maps.low_from_tower, maps.from_tower);
        if constexpr (V::kBytes > kHalfChunk) {
            V::store_halves(symbols.part[0], to, to + 64);
            V::store_halves(symbols.part[1], to + kHalfChunk, to + 64 + kHalfChunk);
        } else {
            V::store(to, symbols.part[0]);
            V::store(to + kHalfChunk, symbols.part[1]);
        }
    }
    // Never called: bytes of one kind cannot be turned.
    static void load_shard(Unit<1>&, const uint8_t*, size_t, const Maps&) {}
    static void store_shard(uint8_t*, size_t, const Unit<1>&, const Maps&) {}
    static Symbols turn(const Symbols& symbols, const typename V::Map& low, const typename V::Map& high) {
        return {V::sum(symbols.part[0], V::apply(V::prepare(low), symbols.part[1])),
                V::apply(V::prepare(high), symbols.part[1])};
    }

    // x += y * factor
    template <size_t Size>
    static void add_product(Unit<Size>& x, const Unit<Size>& y, const typename V::Prepared& factor) {
        for (size_t i = 0; i < Size; ++i) x.part[i] = V::sum(x.part[i], V::apply(factor, y.part[i]));
    }
    // Likewise, the factor low + high * v, by Karatsuba's three products.
    struct TowerFactor {
        typename V::Prepared low, high_norm, sum;
    };
    static void add_product(Symbols& x, const Symbols& y, const TowerFactor& factor) {
        const Vector low = V::apply(factor.low, y.part[0]);
        const Vector sum = V::apply(factor.sum, V::sum(y.part[0], y.part[1]));
        x.part[0] = V::sum(x.part[0], low, V::apply(factor.high_norm, y.part[1]));
        x.part[1] = V::sum(x.part[1], low, sum);
    }

    template <bool Inverse, size_t Size, typename Factor>
    static void butterfly(Unit<Size>& x, Unit<Size>& y, const Factor& factor) {
        if constexpr (Inverse) y = x ^ y;
        add_product(x, y, factor);
        if constexpr (!Inverse) y = x ^ y;
    }

    // What the butterflies of one group of rows multiply with.
    template <size_t Layers>
    struct Twiddles {
        struct Maps3 {
            const typename V::Map *low, *high_norm, *sum;
        };
        size_t first[Layers + 1];                                // of each layer
        Maps3 tower[Layers + 1][(size_t{1} << Layers) / 2 + 1];  // of each layer and block, if first is outside GF(2^8)

        Twiddles(size_t position, size_t first_layer, const Gf16Tower& field, const Maps& maps) {
            for (size_t layer = 0; layer < Layers; ++layer) {
                first[layer] = position >> (first_layer + layer);
                if (first[layer] < 256) continue;
                for (size_t block = 0; block < size_t{1} << (Layers - 1 - layer); ++block) {
                    const size_t factor = field.tower(first[layer] + 2 * block), low = factor & 0xFF,
                                 high = factor >> 8;
                    tower[layer][block] = {&maps.times[low], &maps.times[field.times_norm[high]],
                                           &maps.times[low ^ high]};
                }
            }
        }
    };

    // All layers of a pass over one unit of each of its 2^Layers rows.
    template <bool Inverse, size_t Layers, size_t Size>
    [[gnu::always_inline]] static inline void butterflies(Unit<Size>* rows, const Twiddles<Layers>& twiddles,
                                                          const Maps& maps) {
#pragma GCC unroll 4
        for (size_t step = 0; step < Layers; ++step) {
            const size_t layer = Inverse ? step : Layers - 1 - step, first = twiddles.first[layer];
            if constexpr (Size == 2) {
                if (first >= 256) {
                    layer_of<Inverse, Layers>(rows, layer, false, [&](size_t block) {
                        const auto& factor = twiddles.tower[layer][block];
                        return TowerFactor{V::prepare(*factor.low), V::prepare(*factor.high_norm),
                                           V::prepare(*factor.sum)};
                    });
                    continue;
                }
            }
            layer_of<Inverse, Layers>(rows, layer, first == 0,
                                      [&](size_t block) { return V::prepare(maps.times[first + 2 * block]); });
        }
    }
    template <bool Inverse, size_t Layers, size_t Size, typename Factor>
    [[gnu::always_inline]] static inline void layer_of(Unit<Size>* rows, size_t layer, bool from_zero,
                                                       Factor factor_of) {
        const size_t half = size_t{1} << layer;
        if (from_zero) {  // the first block's factor is zero
#pragma GCC unroll 8
            for (size_t i = 0; i < half; ++i) rows[i + half] = rows[i + half] ^ rows[i];
        }
#pragma GCC unroll 8
        for (size_t block = 0; block < size_t{1} << Layers; block += 2 * half) {
            if (block == 0 && from_zero) continue;
            const auto factor = factor_of(block >> (layer + 1));
#pragma GCC unroll 8
            for (size_t i = block; i < block + half; ++i) butterfly<Inverse>(rows[i], rows[i + half], factor);
        }
    }

    template <bool Inverse, size_t Layers, size_t Size>
    static void run(const Gf16Pass& pass, const Gf16Tower& tower) {
        constexpr size_t kRows = size_t{1} << Layers;
        const Maps& maps = tower.of<typename V::Map>();
        const size_t stride = size_t{1} << pass.first_layer;
        for (size_t group = pass.begin; group < pass.end; group += kRows * stride) {
            if (pass.wanted_before && pass.wanted_before[group] == pass.wanted_before[group + kRows * stride]) continue;
            const Twiddles<Layers> twiddles(pass.position + group, pass.first_layer, tower, maps);
            for (size_t first = group; first < group + stride; ++first) {
                if (pass.accumulate && first >= pass.from_count) break;
                const uint8_t* from[kRows];
                uint8_t* to[kRows];
                for (size_t i = 0; i < kRows; ++i) {
                    from[i] = source(pass, first + i * stride);
                    to[i] = sink(pass, first + i * stride);
                }
                // Shards are too many for the nearer caches, and read in pieces too short for the CPU to see a pattern.
                const uint8_t* next[kRows];
                for (size_t i = 0; i < kRows; ++i) {
                    next[i] = pass.from_shards ? source(pass, first + (kRows + i) * stride) : pass.zeros;
                }
                const bool from_shards = pass.from_shards, to_shards = pass.to_shards, accumulate = pass.accumulate;
                for (size_t at = 0, width = pass.width; at < width; at += Size * V::kBytes) {
                    Unit<Size> rows[kRows];
                    if (Size == 2 && from_shards) {
#pragma GCC unroll 16
                        for (size_t i = 0; i < kRows; ++i) {
                            load_shard(rows[i], from[i], at, maps);
                            __builtin_prefetch(next[i] + at);
                        }
                    } else {
#pragma GCC unroll 16
                        for (size_t i = 0; i < kRows; ++i) rows[i] = load<Size>(from[i] + at);
                    }
                    butterflies<Inverse, Layers>(rows, twiddles, maps);
                    if (Size == 2 && to_shards) {
#pragma GCC unroll 16
                        for (size_t i = 0; i < kRows; ++i) store_shard(to[i], at, rows[i], maps);
                        continue;
                    }
                    if (accumulate) {
#pragma GCC unroll 16
                        for (size_t i = 0; i < kRows; ++i) rows[i] = rows[i] ^ load<Size>(to[i] + at);
                    }
#pragma GCC unroll 16
                    for (size_t i = 0; i < kRows; ++i) store(to[i] + at, rows[i]);
                }
            }
        }
    }
    static const uint8_t* source(const Gf16Pass& pass, size_t row) {
        if (row >= pass.from_count) return pass.zeros;
        if (!pass.from_shards) return pass.from.at(row);
        return pass.from_shards[row] ? pass.from_shards[row] + pass.column : pass.zeros;
    }
    static uint8_t* sink(const Gf16Pass& pass, size_t row) {
        if (!pass.to_shards) return pass.to.at(row);
        return row < pass.to_count ? pass.to_shards[row] + pass.column : pass.spare;
    }

    // Outputs [first, first + Count).
    template <size_t Count, bool ByteFactors>
    static void combine_some(const Gf16Combination& c, size_t first, const Gf16Tower& tower) {
        const Maps& maps = tower.of<typename V::Map>();
        for (size_t at = 0; at < c.width; at += 2 * V::kBytes) {
            Vector low[Count], high[Count], sum[Count];  // the sums of Karatsuba's three products
#pragma GCC unroll 8
            for (size_t i = 0; i < Count; ++i) low[i] = high[i] = sum[i] = V::zero();
            const uint16_t* factors = c.coefficients + first;
            for (size_t source = 0; source < c.source_count; ++source, factors += c.output_count) {
                const Symbols value = load<2>(c.sources[source] + at);
                const Vector both = V::sum(value.part[0], value.part[1]);
#pragma GCC unroll 8
                for (size_t i = 0; i < Count; ++i) {
                    const size_t a = factors[i] & 0xFF, b = factors[i] >> 8;
                    low[i] = V::sum(low[i], V::apply(V::prepare(maps.times[a]), value.part[0]));
                    sum[i] = V::sum(sum[i], V::apply(V::prepare(maps.times[a ^ b]), both));
                    if constexpr (!ByteFactors) {
                        high[i] = V::sum(high[i], V::apply(V::prepare(maps.times[b]), value.part[1]));
                    }
                }
            }
            const auto norm = V::prepare(maps.times[Gf16Tower::kNorm]);
            // Unrolled like the loop above: an index known only at run time would put the sums into memory.
#pragma GCC unroll 8
            for (size_t i = 0; i < Count; ++i) {
                Symbols result = {low[i], V::sum(low[i], sum[i])};
                if constexpr (!ByteFactors) result.part[0] = V::sum(low[i], V::apply(norm, high[i]));
                if (c.to_rows) {
                    store(c.outputs[first + i] + at, result);
                } else {
                    store_shard(c.outputs[first + i] + c.column, at, result, maps);
                }
            }
        }
    }

    template <size_t Count>
    static void combine_all(const Gf16Combination& c, size_t first, const Gf16Tower& tower) {
        for (; first + Count <= c.output_count; first += Count) {
            c.byte_factors ? combine_some<Count, true>(c, first, tower) : combine_some<Count, false>(c, first, tower);
        }
        if constexpr (Count > 1) combine_all<Count / 2>(c, first, tower);
    }

    template <bool Inverse, size_t Layers, size_t SymbolLayers, size_t ByteLayers>
    static void run_layers(const Gf16Pass& pass, const Gf16Tower& tower) {
        if (pass.layers != Layers) {
            if constexpr (Layers > 0) run_layers<Inverse, Layers - 1, SymbolLayers, ByteLayers>(pass, tower);
        } else if (pass.byte_factors && !pass.from_shards && !pass.to_shards) {
            if constexpr (Layers <= ByteLayers) run<Inverse, Layers, 1>(pass, tower);
        } else {
            if constexpr (Layers <= SymbolLayers) run<Inverse, Layers, 2>(pass, tower);
        }
    }
    template <bool Inverse, size_t SymbolLayers, size_t ByteLayers>
    static void pass(const Gf16Pass& pass, const Gf16Tower& tower) {
        run_layers<Inverse, std::max(SymbolLayers, ByteLayers), SymbolLayers, ByteLayers>(pass, tower);
    }

  public:
    // The layers are as many as the registers hold, the outputs of a combination likewise.
    template <size_t SymbolLayers, size_t ByteLayers, size_t Outputs>
    static constexpr Gf16Kernel kernel(std::string_view name, Kernel kind, bool (*supported)()) {
        return {
            .name = name,
            .kind = kind,
            .supported = supported,
            .symbol_layers = SymbolLayers,
            .byte_layers = ByteLayers,
            .inverse = pass<true, SymbolLayers, ByteLayers>,
            .forward = pass<false, SymbolLayers, ByteLayers>,
            .combine = [](const Gf16Combination& c, const Gf16Tower& tower) { combine_all<Outputs>(c, 0, tower); },
        };
    }
};

}  // namespace punktfunk::fec
