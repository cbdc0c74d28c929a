// How a frame's packets are cut into FEC blocks and how many parity packets each gets (spec §6.6).
//
// The client derives the parity count from the percentage it is sent, and the code's matrix depends on that count; so
// every block here satisfies parity = ceil(data * percent / 100).
//
// At most four blocks of 255 packets carry a frame. One that does not fit them with the percentage asked for gets the
// highest that does fit, never none: the protection of growing frames fades, it does not end at a cliff. Only a
// percentage of 0 sends frames without parity.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace punktfunk::gs_video {

inline constexpr size_t kMaxBlocks = 4;
inline constexpr size_t kMaxBlockPackets = 255;         // of the code, data and parity
inline constexpr size_t kMaxUnprotectedPackets = 1023;  // of a block without parity: a field of ten bits

struct FecBlock {
    size_t data = 0, parity = 0;
    uint8_t percent = 0;  // as fecInfo carries it
};

class FecPlan {
  public:
    [[nodiscard]] std::span<const FecBlock> blocks() const { return std::span(blocks_).first(count_); }
    [[nodiscard]] size_t packets() const;  // of all blocks, parity included

  private:
    friend std::optional<FecPlan> plan_fec(size_t, uint8_t, uint8_t);
    std::array<FecBlock, kMaxBlocks> blocks_{};
    size_t count_ = 0;
};

// data_packets > 0. A block with less than `min_parity` packets by its percentage gets that many, as far as the limits
// allow. nullopt when the frame is over most_data_packets().
[[nodiscard]] std::optional<FecPlan> plan_fec(size_t data_packets, uint8_t percent, uint8_t min_parity);

// The largest frame that can be sent when this percentage is asked for: 1008, or 4092 without any protection.
[[nodiscard]] size_t most_data_packets(uint8_t percent);
// The largest frame that gets the whole percentage: 848 at 20 %.
[[nodiscard]] size_t most_fully_protected_packets(uint8_t percent);

}  // namespace punktfunk::gs_video
