#include "punktfunk/session/video_sender.hpp"

#include <poll.h>

#include <algorithm>

#include "punch.hpp"

namespace punktfunk::session {

VideoSender::VideoSender(Packetizer packetizer, net::UdpSocket socket, net::PacedSender paced, double wire_for_payload)
    : packetizer_(std::move(packetizer)),
      socket_(std::move(socket)),
      paced_(std::move(paced)),
      wire_for_payload_(wire_for_payload) {}

Result<VideoSender> VideoSender::create(const SessionConfig& config, net::UdpSocket socket) {
    auto packetizer = Packetizer::create(config);
    if (!packetizer) return std::unexpected(packetizer.error());
    auto paced = net::PacedSender::create();
    if (!paced) return std::unexpected(paced.error());
    const auto wire = static_cast<double>(config.wire_bytes() + net::Pacer::kHeaderBytes);
    return VideoSender(std::move(*packetizer), std::move(socket), std::move(*paced), wire / config.shard_payload);
}

Result<SendReport> VideoSender::send(ByteView access_unit, uint64_t pts_ns, uint32_t user_flags, Numbering numbering) {
    if (listener_) {
        if (auto followed = follow_punches(); !followed) return std::unexpected(followed.error());
    }
    const auto started = SteadyClock::now();
    auto batch = packetizer_.packetize(access_unit, pts_ns, user_flags, numbering);
    if (!batch) return std::unexpected(batch.error());
    const auto packetized = SteadyClock::now();
    SendReport report{.packetize_ns = static_cast<uint64_t>(std::chrono::nanoseconds(packetized - started).count()),
                      .packets = batch->count,
                      .wire_bytes = batch->arena.size()};
    report.first_packet_ns = realtime_ns();
    paced_.send(socket_, batch->arena, batch->packet_bytes);
    report.last_packet_ns = realtime_ns();
    return report;
}

Result<void> VideoSender::follow(const net::Endpoint& address) {
    listener_.reset();
    auto listener = PunchListener::open(socket_, address);
    if (!listener) return std::unexpected(std::move(listener.error()).in("following the client"));
    listener_.emplace(std::move(*listener));
    found_ = false;
    return {};
}

Result<void> VideoSender::follow_punches() {
    const auto source = listener_->poll();
    if (listener_->expired()) listener_.reset();
    if (!source) return {};
    found_ = true;
    return socket_.connect(*source);
}

Result<net::Endpoint> await_punch(net::UdpSocket& socket, const net::Endpoint& fallback,
                                  std::chrono::milliseconds timeout, int wake_fd) {
    const auto deadline = SteadyClock::now() + timeout;
    net::Endpoint peer = fallback;
    for (bool found = false; !found;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
        if (left.count() <= 0) break;
        net::Endpoint from;
        auto received = socket.receive(
            left, wake_fd,
            [&](std::span<uint8_t> datagram) {
                found = datagram.size() >= kPunch.size() &&
                        std::equal(kPunch.begin(), kPunch.end(), datagram.begin()) && from.same_address(fallback);
            },
            &from);
        if (!received) return std::unexpected(received.error());
        pollfd woken{wake_fd, POLLIN, 0};
        if (wake_fd >= 0 && ::poll(&woken, 1, 0) > 0)
            return fail(ErrorCode::Closed, "stopped while waiting for the client");
        if (found) peer = from;
    }
    if (auto connected = socket.connect(peer); !connected) return std::unexpected(connected.error());
    return peer;
}

}  // namespace punktfunk::session
