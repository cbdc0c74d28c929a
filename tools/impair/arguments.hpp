// What a user writes on the command line, as values. Every error is InvalidArgument and says what would have been
// right.
#pragma once

#include <string_view>
#include <vector>

#include "punktfunk/impair/link.hpp"
#include "punktfunk/net/udp_socket.hpp"

namespace punktfunk::impair {

Result<double> parse_share(std::string_view percent);                    // "5" or "0.5%" -> 0.05, 0.005
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);  // "20", "20ms", "150us", "1s"
Result<uint64_t> parse_rate(std::string_view text);                      // bits a second: "800k", "20M", "1G"

struct QueueLimit {
    size_t packets = 0, bytes = 0;  // one of them 0: no limit of that kind
};
Result<QueueLimit> parse_queue(std::string_view text);  // "100p" (datagrams), or bytes: "64k", "1M"

struct PortRange {
    uint16_t first = 0, last = 0;
};
Result<PortRange> parse_ports(std::string_view text);  // "9800" or "9800-9803"

// "host:port" or "[v6]:port"; names are looked up.
Result<net::Endpoint> parse_endpoint(std::string_view text);

}  // namespace punktfunk::impair
