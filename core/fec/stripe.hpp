// A shard cut lengthwise. Symbol positions are independent codewords, so a transform may run over a few columns of all
// shards at a time: narrow enough that its working set stays in the cache.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "gf16_kernel.hpp"

namespace punktfunk::fec {

class StripeCursor {
  public:
    // `vectors` = how many stripes the working set holds at once.
    StripeCursor(size_t shard_bytes, size_t vectors)
        : shard_bytes_(shard_bytes),
          width_(std::max(kMinimumWidth, kWorkingSet / vectors / kChunkBytes * kChunkBytes)) {}

    bool next() {
        begin_ = end_;
        end_ = std::min(shard_bytes_, begin_ + width_);
        return begin_ < end_;
    }
    // Length in whole chunks: the shard's last, partial chunk is widened (spec §4.9.2).
    [[nodiscard]] size_t padded() const { return (end_ - begin_ + kChunkBytes - 1) / kChunkBytes * kChunkBytes; }

    void gather(uint8_t* to, const uint8_t* shard) const {
        const size_t tail = (end_ - begin_) % kChunkBytes, whole = end_ - begin_ - tail;
        std::memcpy(to, shard + begin_, whole);
        if (tail == 0) return;
        const uint8_t* from = shard + begin_ + whole;
        std::memset(to + whole, 0, kChunkBytes);
        std::memcpy(to + whole, from, tail / 2);
        std::memcpy(to + whole + kChunkBytes / 2, from + tail / 2, tail / 2);
    }
    void scatter(uint8_t* shard, const uint8_t* from) const {
        const size_t tail = (end_ - begin_) % kChunkBytes, whole = end_ - begin_ - tail;
        std::memcpy(shard + begin_, from, whole);
        if (tail == 0) return;
        std::memcpy(shard + begin_ + whole, from + whole, tail / 2);
        std::memcpy(shard + begin_ + whole + tail / 2, from + whole + kChunkBytes / 2, tail / 2);
    }

  private:
    static constexpr size_t kWorkingSet = 96 * 1024;
    static constexpr size_t kMinimumWidth = 2 * kChunkBytes;
    size_t shard_bytes_, width_, begin_ = 0, end_ = 0;
};

}  // namespace punktfunk::fec
