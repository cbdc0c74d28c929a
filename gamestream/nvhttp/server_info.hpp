// /serverinfo (spec §2.4): asked every three seconds by every client that knows this host. It reads nothing but what it
// is given, so answering is cheap.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "codec_support.hpp"
#include "response.hpp"

namespace punktfunk::nvhttp {

// The one dialect spoken here (spec §0.3): 7.1.431 is TCP RTSP and encrypted control, the negative last number says
// that the Sunshine extensions are understood.
inline constexpr std::string_view kAppVersion = "7.1.431.-1";
inline constexpr std::string_view kGfeVersion = "3.23.0.74";

// How a request reached the host.
struct Access {
    bool tls = false;
    bool authorised = false;  // the TLS client certificate is, byte for byte, one of the paired ones
    [[nodiscard]] bool trusted() const { return tls && authorised; }
};

struct HostInfo {
    std::string hostname;   // shown to the user
    std::string unique_id;  // 32 hex digits; a client takes another one for another PC
    uint16_t http_port = 47989;
    uint16_t https_port = 47984;
    std::optional<std::string> external_ip;  // the WAN address, when known
    std::optional<uint16_t> external_port;   // the WAN's HTTP port; http_port otherwise
    CodecSupport codecs;
};

struct ServerInfoRequest {
    Access access;
    std::string_view local_address;  // the address the request came to, as text
    std::string_view mac;            // of that interface, "aa:bb:cc:dd:ee:ff"; empty when unknown
    int32_t running_app = 0;         // 0: none
};

// Strangers (plain HTTP, or no paired certificate) learn neither the MAC nor what runs; PairStatus is 0 for them.
[[nodiscard]] Response server_info(const HostInfo& host, const ServerInfoRequest& request);

}  // namespace punktfunk::nvhttp
