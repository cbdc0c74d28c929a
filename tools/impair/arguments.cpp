#include "arguments.hpp"

#include <netdb.h>

#include <charconv>
#include <cstring>
#include <optional>

namespace punktfunk::impair {

namespace {

struct Quantity {
    double value = 0;
    std::string_view unit;
};

// A number that is not negative, and what follows it.
std::optional<Quantity> quantity(std::string_view text) {
    Quantity read;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read.value);
    if (error != std::errc{} || !(read.value >= 0)) return std::nullopt;
    read.unit = text.substr(static_cast<size_t>(end - text.data()));
    return read;
}

// "", "k", "M" and "G", in powers of `base`. 0 for another.
double multiple(std::string_view unit, double base) {
    if (unit.empty()) return 1;
    if (unit == "k" || unit == "K") return base;
    if (unit == "M") return base * base;
    if (unit == "G") return base * base * base;
    return 0;
}

std::optional<uint16_t> port_number(std::string_view text) {
    uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

}  // namespace

Result<double> parse_share(std::string_view percent) {
    const auto read = quantity(percent);
    if (!read || read->value > 100 || !(read->unit.empty() || read->unit == "%"))
        return fail(ErrorCode::InvalidArgument, "'{}' is not a percentage of 0 to 100", percent);
    return read->value / 100;
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    const auto read = quantity(text);
    double unit_ns = 0;
    if (read && (read->unit.empty() || read->unit == "ms")) unit_ns = 1e6;
    if (read && read->unit == "us") unit_ns = 1e3;
    if (read && read->unit == "s") unit_ns = 1e9;
    if (unit_ns == 0 || read->value * unit_ns > 60e9)
        return fail(ErrorCode::InvalidArgument, "'{}' is not a time of up to 60 s, such as 20ms or 500us", text);
    return std::chrono::nanoseconds(static_cast<int64_t>(read->value * unit_ns));
}

Result<uint64_t> parse_rate(std::string_view text) {
    const auto read = quantity(text);
    const double bps = read ? read->value * multiple(read->unit, 1000) : 0;
    if (bps < 1000 || bps > 1e12)
        return fail(ErrorCode::InvalidArgument, "'{}' is not a rate in bit/s, such as 800k or 20M", text);
    return static_cast<uint64_t>(bps);
}

Result<QueueLimit> parse_queue(std::string_view text) {
    const auto read = quantity(text);
    const bool packets = read && read->unit == "p";
    const double limit = read ? read->value * (packets ? 1 : multiple(read->unit, 1024)) : 0;
    if (limit < 1 || limit > 1e9) {
        return fail(ErrorCode::InvalidArgument, "'{}' is not a queue: datagrams such as 100p, or bytes such as 64k",
                    text);
    }
    return packets ? QueueLimit{.packets = static_cast<size_t>(limit)}
                   : QueueLimit{.bytes = static_cast<size_t>(limit)};
}

Result<PortRange> parse_ports(std::string_view text) {
    constexpr int kMostPorts = 64;
    const size_t dash = text.find('-');
    const auto first = port_number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : port_number(text.substr(dash + 1));
    if (!first || !last || *last < *first || *last - *first >= kMostPorts) {
        return fail(ErrorCode::InvalidArgument, "'{}' is not a port or a range of up to {}, such as 9800-9803", text,
                    kMostPorts);
    }
    return PortRange{*first, *last};
}

Result<net::Endpoint> parse_endpoint(std::string_view text) {
    const size_t colon = text.rfind(':');
    const auto port = colon == std::string_view::npos ? std::nullopt : port_number(text.substr(colon + 1));
    std::string name(text.substr(0, colon));
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    if (!port || name.empty())
        return fail(ErrorCode::InvalidArgument, "'{}' is not HOST:PORT, such as 127.0.0.2:9777 or [::1]:9777", text);
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(name.c_str(), nullptr, &hints, &list); error != 0)
        return fail(ErrorCode::InvalidArgument, "'{}': {}", text, ::gai_strerror(error));
    net::Endpoint endpoint;
    std::memcpy(&endpoint.storage, list->ai_addr, list->ai_addrlen);
    endpoint.length = list->ai_addrlen;
    ::freeaddrinfo(list);
    endpoint.set_port(*port);
    return endpoint;
}

}  // namespace punktfunk::impair
