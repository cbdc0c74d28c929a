// An IP address and a UDP port.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "punktfunk/base/error.hpp"

namespace punktfunk::net {

struct Endpoint {
    sockaddr_storage storage{};
    socklen_t length = 0;
    [[nodiscard]] static Result<Endpoint> parse(std::string_view ip_literal, uint16_t port);
    [[nodiscard]] uint16_t port() const;
    void set_port(uint16_t port);
    [[nodiscard]] bool same_address(const Endpoint& other) const;  // address without the port
    [[nodiscard]] std::string to_string() const;                   // "192.0.2.1:9777"
    [[nodiscard]] std::string address_string() const;
};

}  // namespace punktfunk::net
