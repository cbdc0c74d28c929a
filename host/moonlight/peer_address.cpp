#include "peer_address.hpp"

#include <netinet/in.h>

#include <algorithm>

namespace punktfunk::moonlight {

namespace ip = boost::asio::ip;

ip::address unmapped(const ip::address& address) {
    if (address.is_v4()) return address;
    auto six = address.to_v6();
    if (six.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, six);
    six.scope_id(0);
    return six;
}

ip::address address_of(const net::Endpoint& endpoint) {
    if (endpoint.storage.ss_family == AF_INET) {
        const auto* four = reinterpret_cast<const sockaddr_in*>(&endpoint.storage);
        return ip::address_v4(ntohl(four->sin_addr.s_addr));
    }
    const auto* six = reinterpret_cast<const sockaddr_in6*>(&endpoint.storage);
    ip::address_v6::bytes_type bytes;
    std::copy_n(six->sin6_addr.s6_addr, bytes.size(), bytes.begin());
    return unmapped(ip::address_v6(bytes));
}

}  // namespace punktfunk::moonlight
