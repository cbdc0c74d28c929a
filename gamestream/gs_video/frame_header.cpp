#include "punktfunk/gs_video/frame_header.hpp"

#include <algorithm>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::gs_video {
namespace {

constexpr uint8_t kShortHeader = 0x01;
using LatencyUnits = std::chrono::duration<int64_t, std::ratio<1, 10000>>;

}  // namespace

std::array<uint8_t, kFrameHeaderBytes> encode_frame_header(const FrameHeader& header) {
    std::array<uint8_t, kFrameHeaderBytes> bytes{};
    const auto latency = std::chrono::duration_cast<LatencyUnits>(header.host_latency).count();
    bytes[0] = kShortHeader;
    store_le<uint16_t>(&bytes[1], static_cast<uint16_t>(std::clamp<int64_t>(latency, 0, UINT16_MAX)));
    bytes[3] = static_cast<uint8_t>(header.type);
    store_le<uint16_t>(&bytes[4], header.last_payload_bytes);
    return bytes;
}

std::optional<FrameHeader> decode_frame_header(std::span<const uint8_t, kFrameHeaderBytes> bytes) {
    if (bytes[0] != kShortHeader) return std::nullopt;
    return FrameHeader{.type = static_cast<FrameType>(bytes[3]),
                       .host_latency = LatencyUnits(load_le<uint16_t>(&bytes[1])),
                       .last_payload_bytes = load_le<uint16_t>(&bytes[4])};
}

}  // namespace punktfunk::gs_video
