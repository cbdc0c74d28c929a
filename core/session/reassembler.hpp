// Packets back to access units (spec §4.7): bounded memory, completion order, FEC recovery.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "punktfunk/session/frame_buffer.hpp"
#include "punktfunk/session/packet_header.hpp"
#include "punktfunk/session/session_config.hpp"

namespace punktfunk::session {

struct Frame {
    FrameBuffer data;
    uint32_t frame_index = 0;
    uint64_t pts_ns = 0;
    uint32_t user_flags = 0;
    uint32_t recovered_shards = 0;
    uint64_t first_packet_ns = 0;  // CLOCK_REALTIME given to push() with the frame's first packet
};

struct ReassemblyStats {
    uint64_t packets_received = 0, packets_dropped = 0, bytes_received = 0;
    uint64_t frames_completed = 0, frames_dropped = 0, fec_recovered_shards = 0;
};

class Reassembler {
  public:
    static Result<Reassembler> create(const SessionConfig& config);
    Reassembler(Reassembler&&) noexcept;
    Reassembler& operator=(Reassembler&&) noexcept;
    ~Reassembler();

    // `packet` is one opened packet (header + shard). Returns a frame when this packet completes one.
    std::optional<Frame> push(ByteView packet, uint64_t now_ns);
    [[nodiscard]] const ReassemblyStats& stats() const;
    // What unfinished frames, frames in others' hands and reusable buffers take: 256 MiB at most, whatever the headers
    // claim.
    [[nodiscard]] size_t buffered_bytes() const;

  private:
    struct State;
    explicit Reassembler(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::session
