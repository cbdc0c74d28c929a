// An access unit to packets: split, FEC, header, seal (spec §4.5, §4.2), into one contiguous arena that is reused.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "punktfunk/session/large_buffer.hpp"
#include "punktfunk/session/packet_header.hpp"
#include "punktfunk/session/session_config.hpp"

namespace punktfunk::session {

// Packets of one access unit, back to back, each wire_bytes() long, in emission order.
struct PacketBatch {
    std::span<const uint8_t> arena;
    size_t packet_bytes = 0;
    size_t count = 0;
};

// Filler of a speed test has frame numbers of its own towards clients that keep it apart (§11.2).
enum class Numbering : uint8_t { Video, Probe };

class Packetizer {
  public:
    static Result<Packetizer> create(const SessionConfig& config);

    // The batch is valid until the next call. Nothing is allocated once the largest frame has been seen.
    // `frame_index` and the packet sequence advance on their own. Unsupported when the frame is past §4.5's limits,
    // Exhausted when there is no memory for its packets.
    Result<PacketBatch> packetize(ByteView access_unit, uint64_t pts_ns, uint32_t user_flags,
                                  Numbering numbering = Numbering::Video);

    // Takes effect with the next access unit (adaptive FEC, 0..90).
    void set_fec_percent(uint8_t percent) { config_.fec_percent = percent; }
    [[nodiscard]] uint32_t next_frame_index() const { return frame_index_; }

  private:
    Packetizer(const SessionConfig& config, std::optional<crypto::Sealer> sealer);
    // Room for `packets`, laid out so that the first shard, and with the usual payloads every shard, begins a cache
    // line.
    uint8_t* arena_for(size_t packets);
    SessionConfig config_;
    std::optional<crypto::Sealer> sealer_;
    std::shared_ptr<const fec::ErasureCode> code_;
    fec::Workspace workspace_;
    LargeBuffer arena_;
    size_t arena_bytes_ = 0;
    std::vector<const uint8_t*> data_;
    std::vector<uint8_t*> parity_;
    uint32_t frame_index_ = 0, probe_index_ = 0;
    uint32_t stream_seq_ = 0;
};

}  // namespace punktfunk::session
