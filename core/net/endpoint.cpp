#include "punktfunk/net/endpoint.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace punktfunk::net {

Result<Endpoint> Endpoint::parse(std::string_view ip_literal, uint16_t port) {
    const std::string text(ip_literal);
    Endpoint endpoint;
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&endpoint.storage, &v4, sizeof v4);
        endpoint.length = sizeof v4;
        return endpoint;
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&endpoint.storage, &v6, sizeof v6);
        endpoint.length = sizeof v6;
        return endpoint;
    }
    return fail(ErrorCode::InvalidArgument, "'{}' is not an IP address", ip_literal);
}

uint16_t Endpoint::port() const {
    // sin_port and sin6_port lie at the same place.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

void Endpoint::set_port(uint16_t port) {
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
}

bool Endpoint::same_address(const Endpoint& other) const {
    if (storage.ss_family != other.storage.ss_family) return false;
    if (storage.ss_family == AF_INET) {
        return reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr.s_addr ==
               reinterpret_cast<const sockaddr_in*>(&other.storage)->sin_addr.s_addr;
    }
    return std::memcmp(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr,
                       &reinterpret_cast<const sockaddr_in6*>(&other.storage)->sin6_addr, sizeof(in6_addr)) == 0;
}

std::string Endpoint::address_string() const {
    char text[INET6_ADDRSTRLEN] = "";
    const void* address = storage.ss_family == AF_INET6
                              ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr)
                              : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr);
    ::inet_ntop(storage.ss_family, address, text, sizeof text);
    return text;
}

std::string Endpoint::to_string() const {
    return storage.ss_family == AF_INET6 ? fmt::format("[{}]:{}", address_string(), port())
                                         : fmt::format("{}:{}", address_string(), port());
}

}  // namespace punktfunk::net
