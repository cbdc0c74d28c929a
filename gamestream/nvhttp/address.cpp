#include "address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace punktfunk::nvhttp {

namespace {

std::string without_zone(std::string_view address) {
    return std::string(address.substr(0, std::min(address.find('%'), address.size())));
}

std::optional<std::string> ipv4_of(std::string_view text) {
    const std::string address = without_zone(text);
    in_addr four{};
    in6_addr six{};
    if (::inet_pton(AF_INET, address.c_str(), &four) == 1) return address;
    if (::inet_pton(AF_INET6, address.c_str(), &six) != 1 || !IN6_IS_ADDR_V4MAPPED(&six)) return std::nullopt;
    char out[INET_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET, six.s6_addr + 12, out, sizeof out);
    return out;
}

}  // namespace

std::string ipv4_or_loopback(std::string_view address) {
    return ipv4_of(address).value_or("127.0.0.1");
}

std::string session_url(std::string_view address, uint16_t port, bool encrypted) {
    const auto four = ipv4_of(address);
    const std::string host = four ? *four : without_zone(address);
    const bool brackets = host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", encrypted ? "rtspenc" : "rtsp", brackets ? "[" : "", host, brackets ? "]" : "",
                       port);
}

}  // namespace punktfunk::nvhttp
