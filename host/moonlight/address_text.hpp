// Addresses as text, the way everything of one host writes them.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>

namespace punktfunk::moonlight {

// A dual-stack socket's IPv4 peers are written as IPv4; no zone: whoever comes again comes from the same text.
[[nodiscard]] inline std::string address_text(const boost::asio::ip::address& address) {
    namespace ip = boost::asio::ip;
    if (address.is_v4()) return address.to_string();
    auto six = address.to_v6();
    if (six.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, six).to_string();
    six.scope_id(0);
    return six.to_string();
}

}  // namespace punktfunk::moonlight
