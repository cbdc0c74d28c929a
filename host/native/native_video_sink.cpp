#include "native_video_sink.hpp"

#include <algorithm>

namespace punktfunk::native {

namespace {
constexpr std::chrono::milliseconds kPunchWait{2500};
constexpr std::chrono::milliseconds kLookForBurst{50};
}  // namespace

NativeVideoSink::NativeVideoSink(SinkSetup setup, net::UdpSocket socket, SinkEvents events)
    : setup_(std::move(setup)), socket_(std::move(socket)), events_(std::move(events)) {}

Result<void> NativeVideoSink::open(int wake_fd) {
    if (auto peer = session::await_punch(*socket_, setup_.announced, kPunchWait, wake_fd); !peer)
        return std::unexpected(peer.error());
    auto sender = session::VideoSender::create(setup_.config, std::move(*socket_));
    socket_.reset();
    if (!sender) return std::unexpected(sender.error());
    sender_.emplace(std::move(*sender));
    return {};
}

Result<uint64_t> NativeVideoSink::send(const stream::EncodedFrame& frame) {
    const uint32_t flags = frame.keyframe ? session::kKeyframe : session::kDeltaFrame;
    const uint64_t started_ns = realtime_ns();
    if (const auto address = setup_.route->take_move()) {
        if (auto followed = sender_->follow(*address); !followed) return std::unexpected(followed.error());
    }
    follow_controls();
    auto report = sender_->send(frame.data, frame.pts_ns, flags);
    if (!report) return std::unexpected(report.error());
    tell_refusals();
    const auto us_since = [](uint64_t later, uint64_t earlier) {
        return static_cast<uint32_t>(later > earlier ? (later - earlier) / 1000 : 0);
    };
    FrameTiming timing{.pts_ns = frame.pts_ns, .total_us = us_since(report->last_packet_ns, frame.pts_ns)};
    timing.pace_us = us_since(report->last_packet_ns, started_ns);
    timing.encode_us = static_cast<uint32_t>(frame.encode_us);
    const uint32_t accounted = timing.pace_us + timing.encode_us;
    timing.queue_us = timing.total_us > accounted ? timing.total_us - accounted : 0;
    events_.sent(timing);
    return report->last_packet_ns;
}

Result<SteadyClock::time_point> NativeVideoSink::idle() {
    const auto now = SteadyClock::now();
    if (!burst_) {
        const auto wanted = setup_.controls->take_burst();
        if (!wanted) return now + kLookForBurst;
        burst_.emplace(*wanted, setup_.probe_numbers, now);
    }
    if (burst_->over(now)) {
        events_.burst_over(burst_->result(now));
        burst_.reset();
        return now + kLookForBurst;
    }
    if (burst_->next() > now) return burst_->next();
    follow_controls();
    if (auto sent = burst_->send_unit(*sender_); !sent) return std::unexpected(sent.error());
    tell_refusals();
    return burst_->next();
}

void NativeVideoSink::follow_controls() {
    const uint8_t percent = setup_.controls->fec_percent;
    const uint64_t pace = setup_.controls->pace_bytes_per_second;
    sender_->set_fec_percent(percent);
    // A burst that is slower than the stream is no reason to hold the stream up.
    sender_->set_pace(burst_ ? std::max(pace, burst_->pace(*sender_, percent)) : pace);
}

void NativeVideoSink::tell_refusals() {
    const uint64_t refusals = sender_->socket_stats().refused;
    // Where it was nobody listens any more, naturally.
    if (refusals != std::exchange(refusals_seen_, refusals) && !sender_->looking_for_peer()) events_.refused();
}

}  // namespace punktfunk::native
