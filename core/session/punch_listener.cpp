#include "punch_listener.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "punch.hpp"

namespace punktfunk::session {

namespace {
constexpr std::chrono::seconds kPatience{10};
constexpr int kAtATime = 64;  // a flood of datagrams does not hold the next frame up
}  // namespace

PunchListener::PunchListener(UniqueFd fd, const net::Endpoint& address)
    : fd_(std::move(fd)), address_(address), until_(SteadyClock::now() + kPatience) {}

Result<PunchListener> PunchListener::open(const net::UdpSocket& data, const net::Endpoint& address) {
    const auto local = data.local_endpoint();
    if (!local) return std::unexpected(local.error());
    UniqueFd fd(::socket(local->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return fail_errno(errno, "UDP socket");
    // Both share the port: what the connected one does not match comes to this one.
    const int share = 1, keep = 0;
    (void)::setsockopt(data.fd(), SOL_SOCKET, SO_REUSEPORT, &share, sizeof share);
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &share, sizeof share);
    const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&local->storage), local->length);
    const int error = errno;
    (void)::setsockopt(data.fd(), SOL_SOCKET, SO_REUSEPORT, &keep, sizeof keep);
    if (bound != 0) return fail_errno(error, "UDP " + local->to_string());
    return PunchListener(std::move(fd), address);
}

std::optional<net::Endpoint> PunchListener::poll() {
    std::optional<net::Endpoint> newest;
    std::array<char, 64> datagram;
    for (int i = 0; i < kAtATime; ++i) {
        net::Endpoint from;
        from.length = sizeof from.storage;
        const ssize_t length = ::recvfrom(fd_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT,
                                          reinterpret_cast<sockaddr*>(&from.storage), &from.length);
        if (length < 0) break;
        if (static_cast<size_t>(length) >= kPunch.size() &&
            std::ranges::equal(kPunch, std::span(datagram).first(kPunch.size())) && from.same_address(address_))
            newest = from;
    }
    return newest;
}

}  // namespace punktfunk::session
