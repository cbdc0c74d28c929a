// Addresses as GameStream's texts want them (spec §1.5). Input is what inet_ntop prints, with or without a zone
// (%eth0).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace punktfunk::nvhttp {

// LocalIP: the IPv4 address, also of an IPv4-mapped IPv6 one (dual-stack sockets report those); else 127.0.0.1, which
// clients ignore.
[[nodiscard]] std::string ipv4_or_loopback(std::string_view address);

// sessionUrl0: rtsp[enc]://<address>:<port>, an IPv6 literal in brackets, without its zone. `address` is the one the
// client reached. The port is always there: clients take what follows the last colon.
[[nodiscard]] std::string session_url(std::string_view address, uint16_t port, bool encrypted);

}  // namespace punktfunk::nvhttp
