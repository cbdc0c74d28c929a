// Sliding replay window over datagram sequence numbers (spec §4.2: 131 072 wide, as v0.31 uses).
#pragma once

#include <cstdint>
#include <vector>

namespace punktfunk::crypto {

class ReplayWindow {
  public:
    static constexpr uint64_t kWidth = 131072;
    ReplayWindow();

    // True when `sequence` is new: marks it. False when it was seen or is older than the window.
    bool accept(uint64_t sequence);

  private:
    std::vector<uint64_t> bits_;
    uint64_t highest_ = 0;
    bool any_ = false;
};

}  // namespace punktfunk::crypto
