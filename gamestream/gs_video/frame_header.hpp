// The eight bytes before a frame's bitstream (spec §6.3).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace punktfunk::gs_video {

inline constexpr size_t kFrameHeaderBytes = 8;

// What a client that waits for a clean picture takes it for (spec §6.9).
enum class FrameType : uint8_t {
    Predicted = 1,
    Idr = 2,  // AV1: every key frame
    IntraRefreshed = 4,
    AfterInvalidation = 5,  // predicted, from nothing that the client said it lost
};

struct FrameHeader {
    FrameType type = FrameType::Predicted;
    std::chrono::microseconds host_latency{0};  // capture to packetize, shown by clients; 0 = unknown, 6.5 s at most
    uint16_t last_payload_bytes = 0;            // of the frame's last packet, this header counted
    bool operator==(const FrameHeader&) const = default;
};

[[nodiscard]] std::array<uint8_t, kFrameHeaderBytes> encode_frame_header(const FrameHeader& header);
// nullopt for a header of another dialect. Types that are not listed above are kept as numbers.
[[nodiscard]] std::optional<FrameHeader> decode_frame_header(std::span<const uint8_t, kFrameHeaderBytes> bytes);

}  // namespace punktfunk::gs_video
