// Addresses as text, the way everything of one host writes them.
#pragma once

#include <string>

#include "peer_address.hpp"

namespace punktfunk::moonlight {

// A dual-stack socket's IPv4 peers are written as IPv4; no zone: whoever comes again comes from the same text.
[[nodiscard]] inline std::string address_text(const boost::asio::ip::address& address) {
    return unmapped(address).to_string();
}

}  // namespace punktfunk::moonlight
