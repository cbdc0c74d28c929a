// The latest samples of one duration, and their percentiles. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace punktfunk {

class LatencySamples {
  public:
    // Room for `capacity` samples is taken at once; add() allocates nothing.
    LatencySamples() : LatencySamples(100'000) {}
    explicit LatencySamples(size_t capacity) : capacity_(capacity) { samples_.reserve(capacity); }

    void add(int64_t us);
    [[nodiscard]] size_t count() const { return samples_.size(); }
    // share in 0..1; 0 without samples.
    [[nodiscard]] int64_t percentile(double share) const;

  private:
    size_t capacity_;
    std::vector<int32_t> samples_;
    size_t next_ = 0;
};

}  // namespace punktfunk
