// The control stream's outgoing bytes: kept until the peer has acknowledged them, at stable addresses.
#pragma once

#include <cstdint>
#include <deque>

#include "ngtcp2_compat.hpp"
#include "punktfunk/base/bytes.hpp"

namespace punktfunk::quic {

class SendBuffer {
  public:
    static constexpr size_t kBound = 1 << 20;

    // False when the peer reads too slowly: more than kBound is waiting.
    bool append(Bytes bytes) {
        if (end_ - base_ + bytes.size() > kBound) return false;
        end_ += bytes.size();
        chunks_.push_back(std::move(bytes));
        return true;
    }

    // The next unsent bytes, one chunk at most; empty when all was sent.
    [[nodiscard]] ngtcp2_vec unsent() {
        uint64_t offset = sent_ - base_;
        for (Bytes& chunk : chunks_) {
            if (offset < chunk.size()) return {chunk.data() + offset, chunk.size() - offset};
            offset -= chunk.size();
        }
        return {nullptr, 0};
    }
    void advance(size_t sent) { sent_ += sent; }
    [[nodiscard]] bool all_sent(size_t after = 0) const { return sent_ + after == end_; }

    // Everything below the stream offset has been acknowledged.
    void acknowledge(uint64_t offset) {
        while (!chunks_.empty() && base_ + chunks_.front().size() <= offset) {
            base_ += chunks_.front().size();
            chunks_.pop_front();
        }
    }

  private:
    std::deque<Bytes> chunks_;
    uint64_t base_ = 0, sent_ = 0, end_ = 0;  // stream offsets
};

}  // namespace punktfunk::quic
