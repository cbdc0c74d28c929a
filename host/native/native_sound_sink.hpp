// punktfunk/1's end of a session's sound: numbered packets, as datagrams of the control connection (spec §5.1).
#pragma once

#include "control_channel.hpp"
#include "punktfunk/stream/sound_sink.hpp"
#include "punktfunk/wire/datagram.hpp"

namespace punktfunk::native {

struct SoundDatagram {
    std::array<uint8_t, 1200> bytes;
    size_t size = 0;
};
using SoundChannel = ControlChannel<SoundDatagram, 64>;  // 320 ms

class NativeSoundSink final : public stream::SoundSink {
  public:
    explicit NativeSoundSink(std::shared_ptr<SoundChannel> channel) : channel_(std::move(channel)) {}
    void send(ByteView opus, uint64_t pts_ns) override {
        channel_->push([&](SoundDatagram& datagram) {
            datagram.size = wire::encode_into(datagram.bytes, {.seq = next_++, .pts_ns = pts_ns, .opus = opus}).size();
        });
    }

  private:
    std::shared_ptr<SoundChannel> channel_;
    uint32_t next_ = 0;
};

}  // namespace punktfunk::native
