#include "punktfunk/session/video_sender.hpp"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "punch.hpp"

namespace punktfunk::session {

VideoSender::VideoSender(Packetizer packetizer, net::UdpSocket socket, UniqueFd timer, double wire_for_payload)
    : packetizer_(std::move(packetizer)),
      socket_(std::move(socket)),
      timer_(std::move(timer)),
      wire_for_payload_(wire_for_payload) {}

Result<VideoSender> VideoSender::create(const SessionConfig& config, net::UdpSocket socket) {
    auto packetizer = Packetizer::create(config);
    if (!packetizer) return std::unexpected(packetizer.error());
    UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    if (!timer) return fail_errno(errno, "timerfd");
    const auto wire = static_cast<double>(config.wire_bytes() + net::Pacer::kHeaderBytes);
    return VideoSender(std::move(*packetizer), std::move(socket), std::move(timer), wire / config.shard_payload);
}

void VideoSender::wait_until(SteadyClock::time_point when) {
    const auto since_epoch = std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
    itimerspec at{};
    at.it_value = {.tv_sec = since_epoch / 1'000'000'000, .tv_nsec = since_epoch % 1'000'000'000};
    if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &at, nullptr) != 0) return;
    uint64_t expirations = 0;
    while (::read(timer_.get(), &expirations, sizeof expirations) < 0 && errno == EINTR) {
    }
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
    const size_t size = batch->packet_bytes;
    const uint64_t slowest = batch->count * (size + net::Pacer::kHeaderBytes) * 1000 / kLongestFrame.count();
    pacer_.set_rate(pace_ == 0 ? 0 : std::max(pace_, slowest));
    report.first_packet_ns = realtime_ns();
    auto now = packetized;
    for (size_t sent = 0; sent < batch->count; now = SteadyClock::now()) {
        const auto grant = pacer_.take(batch->count - sent, size, now);
        if (grant.packets == 0) {
            wait_until(grant.ask_again_at);
            continue;
        }
        socket_.send_contiguous(batch->arena.subspan(sent * size, grant.packets * size), size);
        sent += grant.packets;
    }
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
