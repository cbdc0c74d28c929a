// Datagrams back to access units: the client's end, for tests and for the project's own test client.
//
// As strict as the stock client (spec §6.2, §6.6): frames and blocks come one after the other, and a packet of a later
// one ends what is incomplete; within a block any order will do. What the host's headers say is checked beyond what
// that client looks at, so that a fault of the packetizer shows without loss.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "punktfunk/gs_video/frame_header.hpp"
#include "punktfunk/gs_video/video_config.hpp"

namespace punktfunk::gs_video {

struct ReceivedFrame {
    std::span<const uint8_t> access_unit;  // valid until the next push()
    uint32_t frame_index = 0;
    uint32_t rtp_timestamp = 0;
    FrameType type{};
    std::chrono::microseconds host_latency{0};
    bool long_term_reference = false;
    size_t recovered_packets = 0;
};

struct ReceiveStats {
    uint64_t packets = 0;
    uint64_t late = 0;       // duplicates, and packets of what is finished or given up
    uint64_t malformed = 0;  // not what this host may send, or not decryptable
    uint64_t frames = 0;
    uint64_t frames_lost = 0;  // numbers that were begun or skipped and will not come
    uint64_t recovered_packets = 0;
};

// One thread. Memory: one frame and one block, at most 4092 packets.
class Depacketizer {
  public:
    // packet_bytes and key count; the percentages come with the packets.
    static Result<Depacketizer> create(const VideoConfig& config);
    Depacketizer(Depacketizer&&) noexcept;
    Depacketizer& operator=(Depacketizer&&) noexcept;
    ~Depacketizer();

    // Decrypts in place. The frame that this datagram completes, if it does.
    [[nodiscard]] std::optional<ReceivedFrame> push(std::span<uint8_t> datagram);
    [[nodiscard]] const ReceiveStats& stats() const;

  private:
    struct State;
    explicit Depacketizer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::gs_video
