// A UDP socket's peer, as the other sockets tell of it (http::unmapped).
#pragma once

#include <boost/asio/ip/address.hpp>

#include "punktfunk/net/endpoint.hpp"

namespace punktfunk::moonlight {

[[nodiscard]] boost::asio::ip::address address_of(const net::Endpoint& endpoint);

}  // namespace punktfunk::moonlight
