// GameStream's end of a stream: access units into RTP packets with FEC, out of the shared port (spec §6).
#pragma once

#include <memory>

#include "media_route.hpp"
#include "punktfunk/gs_video/packetizer.hpp"
#include "punktfunk/net/paced_sender.hpp"
#include "punktfunk/stream/video_sink.hpp"
#include "send_controls.hpp"

namespace punktfunk::moonlight {

class MoonlightVideoSink final : public stream::VideoSink {
  public:
    static Result<std::unique_ptr<MoonlightVideoSink>> create(const gs_video::VideoConfig& config,
                                                              std::shared_ptr<MediaRoute> route,
                                                              std::shared_ptr<SendControls> controls);
    Result<void> open(int wake_fd) override;
    Result<uint64_t> send(const stream::EncodedFrame& frame) override;

  private:
    MoonlightVideoSink(gs_video::Packetizer packetizer, net::PacedSender paced, std::shared_ptr<MediaRoute> route,
                       std::shared_ptr<SendControls> controls);

    gs_video::Packetizer packetizer_;
    net::PacedSender paced_;
    std::shared_ptr<MediaRoute> route_;
    std::shared_ptr<SendControls> controls_;
    uint64_t first_pts_ns_ = 0;
};

}  // namespace punktfunk::moonlight
