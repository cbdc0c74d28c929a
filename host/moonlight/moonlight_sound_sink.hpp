// GameStream's end of a session's sound: Opus into RTP packets with FEC, out of the shared port (spec §7).
#pragma once

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

#include "media_route.hpp"
#include "punktfunk/gs_audio/packetizer.hpp"
#include "punktfunk/stream/sound_sink.hpp"

namespace punktfunk::moonlight {

class MoonlightSoundSink final : public stream::SoundSink {
  public:
    MoonlightSoundSink(gs_audio::Packetizer packetizer, std::shared_ptr<MediaRoute> route)
        : packetizer_(std::move(packetizer)), route_(std::move(route)) {}

    // Numbers begin with the first packet that has somewhere to go.
    void send(ByteView opus, uint64_t) override {
        net::UdpSocket* socket = route_->socket();
        if (socket == nullptr) return;
        const auto datagrams = packetizer_.packetize(opus);
        if (!datagrams) {
            if (!std::exchange(complained_, true)) spdlog::warn("sound: {}; not said again", datagrams.error().message);
            return;
        }
        for (const ByteView datagram : *datagrams) (void)socket->send(datagram);
    }

  private:
    gs_audio::Packetizer packetizer_;
    std::shared_ptr<MediaRoute> route_;
    bool complained_ = false;
};

}  // namespace punktfunk::moonlight
