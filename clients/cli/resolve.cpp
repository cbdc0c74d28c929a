#include <arpa/inet.h>
#include <netdb.h>

#include <charconv>
#include <memory>

#include "connection.hpp"

namespace punktfunk::cli {

Result<Address> resolve(const std::string& text) {
    Address address{.text = text, .ip = {}};
    std::string name = text;
    std::string port;
    const size_t colon = text.rfind(':');
    if (text.starts_with('[')) {
        const size_t close = text.find(']');
        if (close == std::string::npos) return fail(ErrorCode::InvalidArgument, "host '{}': the ] is missing", text);
        name = text.substr(1, close - 1);
        if (close + 1 < text.size()) port = text.substr(close + 1);
        if (!port.empty() && !port.starts_with(':'))
            return fail(ErrorCode::InvalidArgument, "host '{}': a port follows a colon", text);
        if (!port.empty()) port.erase(0, 1);
    } else if (colon != std::string::npos && text.find(':') == colon) {  // more than one: a bare IPv6 address
        name = text.substr(0, colon);
        port = text.substr(colon + 1);
    }
    if (name.size() != text.size() && (!port.empty() || text.ends_with(':'))) {
        const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), address.port);
        if (ec != std::errc{} || end != port.data() + port.size() || address.port == 0) {
            return fail(ErrorCode::InvalidArgument, "host '{}': '{}' is not a port of 1 to 65535", text, port);
        }
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &list); error != 0) {
        return fail(ErrorCode::NotAvailable, "host '{}': {}", name, ::gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, ::freeaddrinfo);
    char ip[NI_MAXHOST] = {};
    if (const int error = ::getnameinfo(list->ai_addr, list->ai_addrlen, ip, sizeof ip, nullptr, 0, NI_NUMERICHOST);
        error != 0) {
        return fail(ErrorCode::NotAvailable, "host '{}': {}", name, ::gai_strerror(error));
    }
    address.ip = ip;
    return address;
}

}  // namespace punktfunk::cli
