// The MAC of the network interface that an address belongs to, for Wake-on-LAN (spec §1.4).
#pragma once

#include <boost/asio/ip/address.hpp>
#include <string>

namespace punktfunk::moonlight {

// "aa:bb:cc:dd:ee:ff"; empty when there is none, as for loopback.
[[nodiscard]] std::string interface_mac(const boost::asio::ip::address& local);

}  // namespace punktfunk::moonlight
