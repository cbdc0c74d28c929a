// Addresses with ports as flags and settings write them: "127.0.0.1:47990", "[::1]:47990".
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "punktfunk/base/error.hpp"

namespace punktfunk::app {

[[nodiscard]] Result<boost::asio::ip::tcp::endpoint> parse_endpoint(const std::string& text);

}  // namespace punktfunk::app
