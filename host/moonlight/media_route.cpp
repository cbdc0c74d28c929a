#include "media_route.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>

#include "endpoint_address.hpp"
#include "punktfunk/base/clock.hpp"

namespace punktfunk::moonlight {

bool PingSource::sent(const gs_media::Ping& ping, const boost::asio::ip::address& from) const {
    return payload ? ping.is_from(*payload) : !ping.payload && from == address;
}

MediaRoute::MediaRoute(PingSource client, net::UdpSocket socket, UniqueFd arrived, uint8_t traffic_class)
    : client_(std::move(client)),
      socket_(std::move(socket)),
      traffic_class_(traffic_class),
      arrived_(std::move(arrived)) {}

Result<std::shared_ptr<MediaRoute>> MediaRoute::create(PingSource client, net::UdpSocket socket,
                                                       uint8_t traffic_class) {
    UniqueFd arrived(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!arrived) return fail_errno(errno, "eventfd");
    return std::shared_ptr<MediaRoute>(
        new MediaRoute(std::move(client), std::move(socket), std::move(arrived), traffic_class));
}

void MediaRoute::found(const net::Endpoint& from, const net::Endpoint& to) {
    const auto address = address_of(from);
    if (address_ && address != *address_ && address != client_.address) return;
    address_ = address;
    {
        const std::lock_guard lock(mutex_);
        newest_ = Ends{from, to};
        if (std::exchange(known_, true)) return;
    }
    (void)::eventfd_write(arrived_.get(), 1);
}

bool MediaRoute::known() const {
    const std::lock_guard lock(mutex_);
    return known_;
}

Result<void> MediaRoute::await_client(std::chrono::milliseconds timeout, int wake_fd) {
    const auto deadline = SteadyClock::now() + timeout;
    while (!known()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
        if (left.count() <= 0) {
            return fail(ErrorCode::Timeout, "no ping came from the client in {} s: is a firewall in the way?",
                        std::chrono::duration_cast<std::chrono::seconds>(timeout).count());
        }
        std::array<pollfd, 2> ready{{{arrived_.get(), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
        if (::poll(ready.data(), ready.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
            return fail_errno(errno, "poll");
        if (ready[1].revents != 0) return fail(ErrorCode::Closed, "stopped while waiting for the client");
    }
    return {};
}

net::UdpSocket* MediaRoute::socket() {
    const std::lock_guard lock(mutex_);
    if (!known_) return nullptr;
    if (const auto moved = std::exchange(newest_, std::nullopt))
        socket_.aim(moved->client, moved->host, traffic_class_);
    return &socket_;
}

}  // namespace punktfunk::moonlight
