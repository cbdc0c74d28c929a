#include "moonlight_video_sink.hpp"

#include "punktfunk/base/clock.hpp"

namespace punktfunk::moonlight {

namespace {
// The first ping comes when the client's decoder is there, which takes seconds on slow ones (spec §6.1).
constexpr std::chrono::seconds kPingWait{20};
}  // namespace

MoonlightVideoSink::MoonlightVideoSink(gs_video::Packetizer packetizer, net::PacedSender paced,
                                       std::shared_ptr<MediaRoute> route, std::shared_ptr<SendControls> controls)
    : packetizer_(std::move(packetizer)),
      paced_(std::move(paced)),
      route_(std::move(route)),
      controls_(std::move(controls)) {}

Result<std::unique_ptr<MoonlightVideoSink>> MoonlightVideoSink::create(const gs_video::VideoConfig& config,
                                                                       std::shared_ptr<MediaRoute> route,
                                                                       std::shared_ptr<SendControls> controls) {
    auto packetizer = gs_video::Packetizer::create(config);
    if (!packetizer) return std::unexpected(packetizer.error());
    auto paced = net::PacedSender::create();
    if (!paced) return std::unexpected(paced.error());
    return std::unique_ptr<MoonlightVideoSink>(
        new MoonlightVideoSink(std::move(*packetizer), std::move(*paced), std::move(route), std::move(controls)));
}

Result<void> MoonlightVideoSink::open(int wake_fd) {
    return route_->await_client(kPingWait, wake_fd);
}

Result<uint64_t> MoonlightVideoSink::send(const stream::EncodedFrame& frame) {
    net::UdpSocket* socket = route_->socket();
    if (socket == nullptr) return fail(ErrorCode::Internal, "video before the client's ping");
    if (first_pts_ns_ == 0) first_pts_ns_ = frame.pts_ns;
    const uint64_t now_ns = realtime_ns();
    packetizer_.set_fec_percent(controls_->fec_percent);
    paced_.set_pace(controls_->pace_bytes_per_second);
    const auto batch = packetizer_.packetize(
        frame.data,
        {.type = frame.keyframe ? gs_video::FrameType::Idr : gs_video::FrameType::Predicted,
         .rtp_timestamp = gs_video::rtp_timestamp(std::chrono::nanoseconds(frame.pts_ns - first_pts_ns_)),
         .host_latency = std::chrono::microseconds(now_ns > frame.pts_ns ? (now_ns - frame.pts_ns) / 1000 : 0)});
    if (!batch) return std::unexpected(batch.error());
    paced_.send(*socket, batch->arena, batch->packet_bytes);
    controls_->packets += batch->count;
    controls_->last_frame = batch->frame_index;
    if (frame.keyframe) controls_->last_keyframe = batch->frame_index;
    return realtime_ns();
}

}  // namespace punktfunk::moonlight
