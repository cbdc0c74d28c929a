// Datagrams back to Opus packets: the client's end, for tests and for the project's own test client. Packets come out
// in order; those behind a gap wait until the block is restored or a later one begins.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/gs_audio/audio_config.hpp"

namespace punktfunk::gs_audio {

struct ReceivedAudio {
    ByteView opus;
    uint16_t sequence = 0;   // a step over a number: that packet is lost
    uint32_t timestamp = 0;  // milliseconds
    bool recovered = false;
};

struct ReceiveStats {
    uint64_t packets = 0;
    uint64_t late = 0;       // duplicates, packets of what is over, and those before the first block's beginning
    uint64_t malformed = 0;  // not what this host may send, or not decryptable
    uint64_t delivered = 0, recovered = 0, lost = 0;
};

// One thread. Memory: one block.
class Depacketizer {
  public:
    static Result<Depacketizer> create(const AudioConfig& config);
    Depacketizer(Depacketizer&&) noexcept;
    Depacketizer& operator=(Depacketizer&&) noexcept;
    ~Depacketizer();

    // What this datagram makes ready, valid until the next call.
    [[nodiscard]] std::span<const ReceivedAudio> push(ByteView datagram);
    [[nodiscard]] const ReceiveStats& stats() const;

  private:
    struct State;
    explicit Depacketizer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::gs_audio
