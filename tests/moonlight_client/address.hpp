// An IP address and a port, as the kernel takes them.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "punktfunk/base/error.hpp"

namespace punktfunk::moonlight_client {

class SocketAddress {
  public:
    static Result<SocketAddress> parse(const std::string& ip, uint16_t port) {
        SocketAddress address;
        auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage_);
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage_);
        if (::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
            v4.sin_family = AF_INET;
            v4.sin_port = htons(port);
        } else if (::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1) {
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(port);
        } else {
            return fail(ErrorCode::InvalidArgument, "'{}' is no IP address", ip);
        }
        return address;
    }
    [[nodiscard]] int family() const { return storage_.ss_family; }
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    [[nodiscard]] socklen_t length() const { return family() == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6); }

  private:
    sockaddr_storage storage_{};
};

}  // namespace punktfunk::moonlight_client
