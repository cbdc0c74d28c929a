#include "udp_port.hpp"

#include <algorithm>
#include <cerrno>

#include "punktfunk/gs_media/ping.hpp"

namespace punktfunk::moonlight_client {

Result<UdpPort> UdpPort::open(const std::string& host_ip) {
    const auto host = SocketAddress::parse(host_ip, 0);
    if (!host) return std::unexpected(host.error());
    UniqueFd fd(::socket(host->family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno(errno, "socket");
    const int room = 4 << 20;  // about 2048 packets, as the client's
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    return UdpPort(std::move(fd));
}

void UdpPort::aim(const SocketAddress& host, const std::string& payload) {
    host_ = host;
    payload_ = payload;
}

void UdpPort::ping() {
    gs_media::Ping ping{.payload = gs_media::PingPayload{}, .counter = ++pings_};
    std::ranges::copy(payload_, ping.payload->begin());
    const Bytes datagram = gs_media::encode_ping(ping);
    (void)::sendto(fd_.get(), datagram.data(), datagram.size(), 0, host_.get(), host_.length());
}

size_t UdpPort::receive(std::span<uint8_t> to) {
    for (;;) {
        const ssize_t got = ::recv(fd_.get(), to.data(), to.size(), MSG_TRUNC);
        if (got >= 0) return std::min(static_cast<size_t>(got), to.size());
        if (errno != ECONNREFUSED && errno != EINTR) return 0;  // a port that was closed answers late
    }
}

}  // namespace punktfunk::moonlight_client
