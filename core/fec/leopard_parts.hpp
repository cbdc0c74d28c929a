// What encoding and decoding have in common.
#pragma once

#include "error_locator.hpp"
#include "leopard_transform.hpp"
#include "strips.hpp"

namespace punktfunk::fec {

// Which positions of the code the shards have.
struct LeopardShape {
    size_t data_count, parity_count;
    bool high_rate;
    size_t chunk, layers;       // the encoder's transform, and its binary logarithm
    size_t data_at, parity_at;  // first positions

    LeopardShape(size_t k, size_t m);
};

// The rows that a strip needs in scratch memory: one or two sets of `count`, as wide as the cache allows.
struct LeopardRows {
    LeopardRows(Workspace::Impl& space, size_t sets, size_t count, size_t shard_bytes);
    // Of the strip, with nothing to read or write yet.
    [[nodiscard]] Gf16Pass pass(const Strip& strip, size_t layers) const;

    size_t width;
    Gf16Rows sum, work;  // the same if there is but one set
    uint8_t* spare;
    const uint8_t* zeros;
};

struct LeopardParts {
    explicit LeopardParts(const Gf16Kernel& chosen)
        : kernel(chosen), tower(field), transform(chosen, tower), locator(field) {}

    // The first half of encoding: rows.sum = the sum of the inverse transforms of all chunks of the strip's data.
    void sum_chunks(const LeopardShape& shape, const Strip& strip, const LeopardRows& rows) const;

    const Gf16Kernel& kernel;
    Gf16Field field;
    Gf16Tower tower;
    LeopardTransform transform;
    ErrorLocator locator;
};

}  // namespace punktfunk::fec
