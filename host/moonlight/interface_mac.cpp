#include "interface_mac.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "punktfunk/http/peer_address.hpp"

namespace punktfunk::moonlight {

namespace {

std::string text_of(const sockaddr* address) {
    namespace ip = boost::asio::ip;
    if (address->sa_family == AF_INET) {
        const auto* four = reinterpret_cast<const sockaddr_in*>(address);
        return ip::make_address_v4(ntohl(four->sin_addr.s_addr)).to_string();
    }
    if (address->sa_family != AF_INET6) return {};
    ip::address_v6::bytes_type bytes{};
    std::ranges::copy(reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr, bytes.begin());
    return http::address_text(ip::address_v6(bytes));
}

}  // namespace

std::string interface_mac(const boost::asio::ip::address& local) {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) return {};
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    const std::string wanted = http::address_text(local);
    std::string_view name;
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr != nullptr && text_of(entry->ifa_addr) == wanted) name = entry->ifa_name;
    }
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_PACKET || name != entry->ifa_name) continue;
        if ((entry->ifa_flags & IFF_LOOPBACK) != 0) return {};
        const auto* link = reinterpret_cast<const sockaddr_ll*>(entry->ifa_addr);
        if (link->sll_halen != 6) return {};
        return fmt::format("{:02x}", fmt::join(std::begin(link->sll_addr), std::begin(link->sll_addr) + 6, ":"));
    }
    return {};
}

}  // namespace punktfunk::moonlight
