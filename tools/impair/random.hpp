// SplitMix64: the same numbers from the same seed with every standard library, whose own distributions promise no such
// thing.
#pragma once

#include <cstdint>

namespace punktfunk::impair {

class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        uint64_t z = state_ += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
    // In [0, 1), in steps of 2^-53.
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    bool chance(double probability) { return unit() < probability; }

  private:
    uint64_t state_;
};

}  // namespace punktfunk::impair
