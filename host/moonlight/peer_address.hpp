// A peer's address, told alike whichever socket saw it: a dual-stack one has IPv4 as ::ffff:192.0.2.1.
#pragma once

#include <boost/asio/ip/address.hpp>

#include "punktfunk/net/endpoint.hpp"

namespace punktfunk::moonlight {

[[nodiscard]] boost::asio::ip::address unmapped(const boost::asio::ip::address& address);
[[nodiscard]] boost::asio::ip::address address_of(const net::Endpoint& endpoint);

}  // namespace punktfunk::moonlight
