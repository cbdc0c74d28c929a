#include "impair_relay.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <deque>
#include <random>
#include <stdexcept>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::test {

namespace {

sockaddr_in address_of(const std::string& ip, uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, ip.c_str(), &address.sin_addr);
    return address;
}

struct Path {
    UniqueFd client_side, host_side;
    sockaddr_in client{};
    bool client_known = false;
    std::deque<std::pair<unsigned, std::vector<char>>> held;  // overtaken by this many more datagrams
    unsigned burst_left = 0;

    void to_client(const char* data, size_t size) const {
        if (client_known) {
            (void)::sendto(client_side.get(), data, size, 0, reinterpret_cast<const sockaddr*>(&client), sizeof client);
        }
    }
};

}  // namespace

ImpairRelay::ImpairRelay(std::string listen_ip, std::vector<uint16_t> ports, Impairment impairment)
    : listen_ip_(std::move(listen_ip)),
      ports_(std::move(ports)),
      impairment_(impairment),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ImpairRelay::~ImpairRelay() = default;

void ImpairRelay::run(const std::stop_token& stop) {
    std::vector<Path> paths(ports_.size());
    std::vector<pollfd> polled;
    for (size_t i = 0; i < ports_.size(); ++i) {
        const int big = 8 << 20;
        paths[i].client_side.reset(::socket(AF_INET, SOCK_DGRAM, 0));
        paths[i].host_side.reset(::socket(AF_INET, SOCK_DGRAM, 0));
        for (const int fd : {paths[i].client_side.get(), paths[i].host_side.get()}) {
            ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
        }
        const auto local = address_of(listen_ip_, ports_[i]);
        const auto host = address_of("127.0.0.1", ports_[i]);
        if (::bind(paths[i].client_side.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0)
            std::abort();
        if (::connect(paths[i].host_side.get(), reinterpret_cast<const sockaddr*>(&host), sizeof host) != 0)
            std::abort();
        polled.push_back({paths[i].client_side.get(), POLLIN, 0});
        polled.push_back({paths[i].host_side.get(), POLLIN, 0});
    }
    std::mt19937 random(impairment_.seed);
    std::uniform_real_distribution<double> chance(0, 1);
    std::vector<char> buffer(65536);
    while (!stop.stop_requested()) {
        if (::poll(polled.data(), polled.size(), 50) <= 0) continue;
        for (size_t i = 0; i < paths.size(); ++i) {
            Path& path = paths[i];
            if (polled[2 * i].revents != 0) {
                socklen_t length = sizeof path.client;
                const ssize_t n = ::recvfrom(path.client_side.get(), buffer.data(), buffer.size(), 0,
                                             reinterpret_cast<sockaddr*>(&path.client), &length);
                if (n >= 0) {
                    path.client_known = true;
                    (void)::send(path.host_side.get(), buffer.data(), static_cast<size_t>(n), 0);
                }
            }
            if (polled[2 * i + 1].revents == 0) continue;
            for (;;) {
                const ssize_t n = ::recv(path.host_side.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
                if (n < 0) break;
                if (path.burst_left == 0 && chance(random) < impairment_.loss) path.burst_left = impairment_.burst;
                if (path.burst_left > 0) {
                    --path.burst_left;
                    ++lost_;
                    continue;
                }
                ++forwarded_;
                if (chance(random) < impairment_.reorder) {
                    path.held.emplace_back(impairment_.reorder_by, std::vector<char>(buffer.data(), buffer.data() + n));
                    continue;
                }
                path.to_client(buffer.data(), static_cast<size_t>(n));
                for (auto& [left, datagram] : path.held) --left;
                while (!path.held.empty() && path.held.front().first == 0) {
                    path.to_client(path.held.front().second.data(), path.held.front().second.size());
                    path.held.pop_front();
                }
            }
        }
    }
}

}  // namespace punktfunk::test
