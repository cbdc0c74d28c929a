#include "punktfunk/net/paced_sender.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace punktfunk::net {

Result<PacedSender> PacedSender::create() {
    UniqueFd timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    if (!timer) return fail_errno(errno, "timerfd");
    return PacedSender(std::move(timer));
}

void PacedSender::wait_until(SteadyClock::time_point when) {
    const auto since_epoch = std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
    itimerspec at{};
    at.it_value = {.tv_sec = since_epoch / 1'000'000'000, .tv_nsec = since_epoch % 1'000'000'000};
    if (::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &at, nullptr) != 0) return;
    uint64_t expirations = 0;
    while (::read(timer_.get(), &expirations, sizeof expirations) < 0 && errno == EINTR) {
    }
}

void PacedSender::send(UdpSocket& socket, std::span<const uint8_t> arena, size_t datagram_bytes) {
    const size_t count = (arena.size() + datagram_bytes - 1) / datagram_bytes;
    const uint64_t slowest = count * (datagram_bytes + Pacer::kHeaderBytes) * 1000 / kLongestFrame.count();
    pacer_.set_rate(pace_ == 0 ? 0 : std::max(pace_, slowest));
    for (size_t sent = 0; sent < count;) {
        const auto grant = pacer_.take(count - sent, datagram_bytes, SteadyClock::now());
        if (grant.packets == 0) {
            wait_until(grant.ask_again_at);
            continue;
        }
        const size_t at = sent * datagram_bytes;
        socket.send_contiguous(arena.subspan(at, std::min(grant.packets * datagram_bytes, arena.size() - at)),
                               datagram_bytes);
        sent += grant.packets;
    }
}

}  // namespace punktfunk::net
