#include "endpoint_address.hpp"

#include <netinet/in.h>

#include <algorithm>

#include "punktfunk/http/peer_address.hpp"

namespace punktfunk::moonlight {

namespace ip = boost::asio::ip;

ip::address address_of(const net::Endpoint& endpoint) {
    if (endpoint.storage.ss_family == AF_INET) {
        const auto* four = reinterpret_cast<const sockaddr_in*>(&endpoint.storage);
        return ip::address_v4(ntohl(four->sin_addr.s_addr));
    }
    const auto* six = reinterpret_cast<const sockaddr_in6*>(&endpoint.storage);
    ip::address_v6::bytes_type bytes;
    std::copy_n(six->sin6_addr.s6_addr, bytes.size(), bytes.begin());
    return http::unmapped(ip::address_v6(bytes));
}

}  // namespace punktfunk::moonlight
