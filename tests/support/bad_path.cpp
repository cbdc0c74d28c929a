#include "bad_path.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <stdexcept>

namespace punktfunk::test {

uint16_t free_port() {
    UniqueFd fd(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    socklen_t length = sizeof address;
    (void)::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length);
    return ntohs(address.sin_port);
}

net::Endpoint loopback(const std::string& ip, uint16_t port) {
    return net::Endpoint::parse(ip, port).value();
}

HostBehindRelay::HostBehindRelay(std::vector<std::string> extra_arguments)
    : control_port_(free_port()), data_port_(free_port()) {
    for (const std::string& argument : {std::string("--open"), std::string("--port"), std::to_string(control_port_),
                                        std::string("--data-port"), std::to_string(data_port_)})
        extra_arguments.push_back(argument);
    host_ = std::make_unique<HostFixture>(std::move(extra_arguments));
    auto started =
        impair::Relay::start({.routes = {{loopback(kRelayIp, control_port_), loopback("127.0.0.1", control_port_)},
                                         {loopback(kRelayIp, data_port_), loopback("127.0.0.1", data_port_)}}});
    if (!started) throw std::runtime_error(started.error().message);
    relay_ = std::make_unique<impair::Relay>(std::move(*started));
}

}  // namespace punktfunk::test
