// Shards cut lengthwise. Symbol positions are independent codewords, so a code may work on a few columns of all shards
// at a time: narrow enough that its rows stay in the cache.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>

#include "gf16_kernel.hpp"
#include "workspace.hpp"

namespace punktfunk::fec {

struct Strip {
    const uint8_t* const* in;
    uint8_t* const* out;
    size_t column, width;  // multiples of kUnitBytes
};

// Where the last bytes of a shard, fewer than a unit, lie in a unit: of a partial chunk the low bytes are together and
// the high bytes are (spec §4.9.2). Calls piece(offset in the unit, offset in the tail, length).
template <typename Piece>
void for_each_tail_piece(size_t tail, Piece piece) {
    constexpr size_t kChunk = 64;
    const size_t whole = tail / kChunk * kChunk, half = (tail - whole) / 2;
    piece(0, 0, whole);
    piece(whole, whole, half);
    piece(whole + kChunk / 2, whole + half, half);
}

// Calls body with one strip after the other. A null shard in `in` stays one. The bytes that fill no unit are worked on
// in a copy.
template <typename Body>
void for_each_strip(std::span<const uint8_t* const> in, std::span<uint8_t* const> out, size_t shard_bytes, size_t width,
                    Workspace::Impl& space, Body body) {
    const size_t whole = shard_bytes / kUnitBytes * kUnitBytes, tail = shard_bytes - whole;
    for (size_t at = 0; at < whole; at += width) body(Strip{in.data(), out.data(), at, std::min(width, whole - at)});
    if (tail == 0) return;

    space.staged.assign((in.size() + out.size()) * kUnitBytes, 0);
    space.staged_in.clear();
    space.staged_out.clear();
    uint8_t* unit = space.staged.data();
    for (const uint8_t* shard : in) {
        space.staged_in.push_back(shard ? unit : nullptr);
        for_each_tail_piece(tail, [&](size_t to, size_t from, size_t bytes) {
            if (shard) std::memcpy(unit + to, shard + whole + from, bytes);
        });
        unit += kUnitBytes;
    }
    for (size_t i = 0; i < out.size(); ++i) space.staged_out.push_back(unit + i * kUnitBytes);
    body(Strip{space.staged_in.data(), space.staged_out.data(), 0, kUnitBytes});
    for (size_t i = 0; i < out.size(); ++i) {
        for_each_tail_piece(tail, [&](size_t from, size_t to, size_t bytes) {
            std::memcpy(out[i] + whole + to, space.staged_out[i] + from, bytes);
        });
    }
}

}  // namespace punktfunk::fec
