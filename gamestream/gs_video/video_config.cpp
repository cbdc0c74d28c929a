#include "punktfunk/gs_video/video_config.hpp"

#include "packet_layout.hpp"
#include "punktfunk/gs_video/fec_plan.hpp"
#include "punktfunk/gs_video/frame_header.hpp"

namespace punktfunk::gs_video {
namespace {

constexpr uint16_t kLeastPacketBytes = 64, kMostPacketBytes = 8992;

size_t bytes_in(size_t packets, const VideoConfig& config) {
    return packets * config.payload_bytes() - kFrameHeaderBytes;
}

}  // namespace

Result<void> VideoConfig::validate() const {
    if (packet_bytes % 16 != 0 || packet_bytes < kLeastPacketBytes || packet_bytes > kMostPacketBytes) {
        return fail(ErrorCode::InvalidArgument, "packetSize {} is not a multiple of 16 between {} and {}", packet_bytes,
                    kLeastPacketBytes, kMostPacketBytes);
    }
    return {};
}

size_t VideoConfig::payload_bytes() const {
    return packet_bytes - kNvHeaderBytes;
}

size_t VideoConfig::datagram_bytes() const {
    return kShardAt + packet_bytes + (key ? kSealBytes : 0);
}

size_t VideoConfig::data_packets(size_t access_unit_bytes) const {
    return (kFrameHeaderBytes + access_unit_bytes + payload_bytes() - 1) / payload_bytes();
}

size_t max_frame_bytes(const VideoConfig& config) {
    return bytes_in(most_data_packets(config.fec_percent), config);
}

size_t max_fully_protected_bytes(const VideoConfig& config) {
    return bytes_in(most_fully_protected_packets(config.fec_percent), config);
}

}  // namespace punktfunk::gs_video
