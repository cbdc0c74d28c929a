#include "native_video_sink.hpp"

namespace punktfunk::native {

namespace {
constexpr std::chrono::milliseconds kPunchWait{2500};
// Refusals this far apart are of two sends, not of one burst; a lone one longer ago than that is forgotten. Kernels
// answer a flood about once a second.
constexpr std::chrono::milliseconds kRefusalsApart{300};
constexpr std::chrono::seconds kRefusalForgotten{5};
}  // namespace

NativeVideoSink::NativeVideoSink(session::SessionConfig config, net::UdpSocket socket, net::Endpoint announced,
                                 std::shared_ptr<PeerRoute> route, std::function<void(const FrameTiming&)> on_sent)
    : config_(config),
      socket_(std::move(socket)),
      announced_(announced),
      route_(std::move(route)),
      on_sent_(std::move(on_sent)) {}

Result<void> NativeVideoSink::open(int wake_fd) {
    if (auto peer = session::await_punch(*socket_, announced_, kPunchWait, wake_fd); !peer)
        return std::unexpected(peer.error());
    auto sender = session::VideoSender::create(config_, std::move(*socket_));
    socket_.reset();
    if (!sender) return std::unexpected(sender.error());
    sender_.emplace(std::move(*sender));
    return {};
}

Result<uint64_t> NativeVideoSink::send(const stream::EncodedFrame& frame) {
    const uint32_t flags = frame.keyframe ? session::kKeyframe : session::kDeltaFrame;
    const uint64_t started_ns = realtime_ns();
    if (const auto address = route_->take_move()) {
        if (auto followed = sender_->follow(*address); !followed) return std::unexpected(followed.error());
    }
    auto report = sender_->send(frame.data, frame.pts_ns, flags, frame.deadline);
    if (!report) return std::unexpected(report.error());
    // Where it was nobody listens any more, naturally.
    if (!sender_->looking_for_peer() && peer_is_gone())
        return fail(ErrorCode::Closed, "the client no longer listens for video");
    const auto us_since = [](uint64_t later, uint64_t earlier) {
        return static_cast<uint32_t>(later > earlier ? (later - earlier) / 1000 : 0);
    };
    FrameTiming timing{.pts_ns = frame.pts_ns, .total_us = us_since(report->last_packet_ns, frame.pts_ns)};
    timing.pace_us = us_since(report->last_packet_ns, started_ns);
    timing.encode_us = static_cast<uint32_t>(frame.encode_us);
    const uint32_t accounted = timing.pace_us + timing.encode_us;
    timing.queue_us = timing.total_us > accounted ? timing.total_us - accounted : 0;
    on_sent_(timing);
    return report->last_packet_ns;
}

bool NativeVideoSink::peer_is_gone() {
    const uint64_t refusals = sender_->socket_stats().refused;
    if (refusals == std::exchange(refusals_seen_, refusals)) return false;
    const auto now = SteadyClock::now();
    if (!first_refusal_ || now - *first_refusal_ > kRefusalForgotten) first_refusal_ = now;
    return now - *first_refusal_ >= kRefusalsApart;
}

}  // namespace punktfunk::native
