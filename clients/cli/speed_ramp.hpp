// How a speed test goes about it: which burst comes next, and what they say together. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace punktfunk::cli {

// What became of one burst. Rates and counts of datagrams with their headers.
struct Burst {
    uint32_t asked_kbps = 0, sent_kbps = 0, arrived_kbps = 0;  // of a host, by it, here
    double loss = 0;                                           // share
};

class SpeedRamp {
  public:
    static constexpr uint32_t kFirstKbps = 10'000, kMostKbps = 10'000'000;
    static constexpr uint32_t kBurstMs = 400;

    // Doubles until the path is full; then once more just below what came through. nullopt: finished.
    [[nodiscard]] std::optional<uint32_t> next_kbps() const;
    void add(const Burst& burst) { bursts_.push_back(burst); }
    [[nodiscard]] const std::vector<Burst>& bursts() const { return bursts_; }

    // What the path carries, headers and all; at least, when no burst has filled it.
    [[nodiscard]] uint32_t path_kbps() const;
    [[nodiscard]] bool filled() const;
    // A bitrate of video that leaves room for parity, keyframes and others.
    [[nodiscard]] uint32_t recommended_kbps() const;

  private:
    [[nodiscard]] static bool full(const Burst& burst);
    std::vector<Burst> bursts_;
};

}  // namespace punktfunk::cli
