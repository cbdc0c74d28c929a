// An access unit to the datagrams that a stock client takes (spec §6.2 to §6.7): frame header, FEC blocks, RTP and NV
// headers and, when the session asks for it, encryption; all of it in place, in one arena that is reused.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/crypto/aes_gcm.hpp"
#include "punktfunk/fec/erasure_code.hpp"
#include "punktfunk/gs_video/frame_header.hpp"
#include "punktfunk/gs_video/video_config.hpp"

namespace punktfunk::gs_video {

// 90 kHz since the stream began. Never 0: clients take that for "no time".
[[nodiscard]] uint32_t rtp_timestamp(std::chrono::nanoseconds since_start);

struct FrameInfo {
    FrameType type = FrameType::Predicted;
    uint32_t rtp_timestamp = 0;
    std::chrono::microseconds host_latency{0};
    bool long_term_reference = false;  // the client acknowledges the frame (0x0350)
};

// The datagrams of one frame, back to back, each packet_bytes long, in the order in which they must be sent.
struct PacketBatch {
    std::span<const uint8_t> arena;
    size_t packet_bytes = 0;
    size_t count = 0;
    uint32_t frame_index = 0;  // what the client will name the frame by
};

// One thread, and one for the whole of a launch: numbers, and the IVs of an encrypted stream, begin anew with it, so a
// second one under the same key would give the key away. Whatever else is rebuilt in a session, this is not.
class Packetizer {
  public:
    static Result<Packetizer> create(const VideoConfig& config);

    // `access_unit`: Annex B, or AV1's low-overhead format; a key frame's parameter sets and the beginning of its first
    // slice must lie in its first payload_bytes() - 8 bytes (spec §6.8). The batch is valid until the next call, which
    // must not come before this frame is sent: frames never interleave. Allocates nothing.
    //
    // Unsupported when the frame is over max_frame_bytes(); no frame number is spent on it, so that the next frame
    // follows the last one sent.
    Result<PacketBatch> packetize(ByteView access_unit, const FrameInfo& info);

    // Takes effect with the next frame (adaptive FEC).
    void set_fec_percent(uint8_t percent) { config_.fec_percent = percent; }
    // 1 for the first frame; it must be an IDR.
    [[nodiscard]] uint32_t next_frame_index() const { return frame_index_; }

  private:
    struct Block;
    Packetizer(const VideoConfig& config, std::unique_ptr<crypto::AesGcm> cipher);
    Result<void> protect(uint8_t* packets, const Block& block);
    void seal(uint8_t* datagram);

    VideoConfig config_;
    std::unique_ptr<crypto::AesGcm> cipher_;
    uint64_t sealed_ = 0;
    std::shared_ptr<const fec::ErasureCode> code_;
    fec::Workspace workspace_;
    std::unique_ptr<uint8_t[]> memory_;
    uint8_t* arena_ = nullptr;
    uint32_t frame_index_ = 1;
    uint32_t packet_index_ = 0;
    uint16_t sequence_ = 0;
};

}  // namespace punktfunk::gs_video
