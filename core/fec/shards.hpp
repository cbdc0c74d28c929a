// A set of shards for tests, at a chosen misalignment.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "punktfunk/fec/erasure_code.hpp"

namespace punktfunk::fec {

class Shards {
  public:
    Shards(size_t data_count, size_t parity_count, size_t bytes, size_t misalignment = 0)
        : k_(data_count),
          m_(parity_count),
          bytes_(bytes),
          offset_(misalignment),
          storage_((data_count + parity_count) * bytes + misalignment) {}

    // The generator of the published vectors.
    void fill(uint32_t seed) {
        for (size_t i = 0; i < k_ * bytes_; ++i) {
            seed = seed * 1664525 + 1013904223;
            storage_[offset_ + i] = static_cast<uint8_t>(seed >> 24);
        }
    }
    std::span<uint8_t> shard(size_t index) { return std::span(storage_).subspan(offset_ + index * bytes_, bytes_); }
    std::span<uint8_t> data(size_t index) { return shard(index); }
    std::span<uint8_t> parity(size_t index) { return shard(k_ + index); }
    std::span<uint8_t> all_data() { return std::span(storage_).subspan(offset_, k_ * bytes_); }
    std::span<uint8_t> all_parity() { return std::span(storage_).subspan(offset_ + k_ * bytes_, m_ * bytes_); }

    Result<void> encode(const ErasureCode& code, Workspace& workspace) {
        std::vector<const uint8_t*> from;
        std::vector<uint8_t*> to;
        for (size_t i = 0; i < k_; ++i) from.push_back(data(i).data());
        for (size_t j = 0; j < m_; ++j) to.push_back(parity(j).data());
        return code.encode(from, to, bytes_, workspace);
    }
    // Overwrites the data shards listed as lost, hides the parity listed as lost, and asks for the data back.
    Result<void> reconstruct(const ErasureCode& code, const std::vector<bool>& lost, Workspace& workspace) {
        std::vector<uint8_t*> to;
        std::vector<uint8_t> present;
        std::vector<const uint8_t*> from;
        for (size_t i = 0; i < k_; ++i) {
            if (lost[i]) std::ranges::fill(data(i), uint8_t{0xEE});
            to.push_back(data(i).data());
            present.push_back(!lost[i]);
        }
        for (size_t j = 0; j < m_; ++j) from.push_back(lost[k_ + j] ? nullptr : parity(j).data());
        return code.reconstruct(to, present, from, bytes_, workspace);
    }

  private:
    size_t k_, m_, bytes_, offset_;
    std::vector<uint8_t> storage_;
};

}  // namespace punktfunk::fec
