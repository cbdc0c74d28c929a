// Opus packets to the datagrams that a stock client takes (spec §7.3 to §7.5): RTP, AES-CBC when the session asks for
// it, and after every fourth packet two of parity.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/gs_audio/audio_config.hpp"

namespace punktfunk::gs_audio {

// One thread.
class Packetizer {
  public:
    static Result<Packetizer> create(const AudioConfig& config);
    Packetizer(Packetizer&&) noexcept;
    Packetizer& operator=(Packetizer&&) noexcept;
    ~Packetizer();

    // `opus` is one packet_duration of sound, and as long as the ones before it (constant bitrate): a block whose
    // packets differ in length gets no parity, and clients do without it from then on. The datagrams, one or three, in
    // the order in which they must be sent, are valid until the next call. Allocates nothing.
    //
    // InvalidArgument for an empty packet, Unsupported for one over max_opus_bytes(); neither takes a sequence number.
    Result<std::span<const ByteView>> packetize(ByteView opus);

  private:
    struct State;
    explicit Packetizer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::gs_audio
