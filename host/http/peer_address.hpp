// Addresses, told alike whichever socket saw them: a dual-stack one has IPv4 as ::ffff:192.0.2.1, and IPv6 with a zone.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>

namespace punktfunk::http {

[[nodiscard]] inline boost::asio::ip::address unmapped(const boost::asio::ip::address& address) {
    namespace ip = boost::asio::ip;
    if (address.is_v4()) return address;
    auto six = address.to_v6();
    if (six.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, six);
    six.scope_id(0);
    return six;
}

// Who comes again comes from the same text.
[[nodiscard]] inline std::string address_text(const boost::asio::ip::address& address) {
    return unmapped(address).to_string();
}

}  // namespace punktfunk::http
