#include "server_info.hpp"

#include "address.hpp"
#include "xml.hpp"

namespace punktfunk::nvhttp {

Response server_info(const HostInfo& host, const ServerInfoRequest& request) {
    const bool trusted = request.access.trusted();
    const bool mac_known = trusted && !request.mac.empty();
    // Clients quit and resume by both: they come from one value.
    const int32_t app = trusted ? request.running_app : 0;
    XmlDocument document(200);
    document.element("hostname", host.hostname)
        .element("appversion", kAppVersion)
        .element("GfeVersion", kGfeVersion)
        .element("uniqueid", host.unique_id)
        .element("HttpsPort", host.https_port)
        .element("ExternalPort", host.external_port.value_or(host.http_port))
        .element("MaxLumaPixelsHEVC", host.codecs.max_luma_pixels_hevc())
        .element("mac", mac_known ? request.mac : "00:00:00:00:00:00")
        .element("LocalIP", ipv4_or_loopback(request.local_address));
    if (host.external_ip) document.element("ExternalIP", *host.external_ip);
    document.element("ServerCodecModeSupport", host.codecs.server_codec_mode_support())
        .element("PairStatus", trusted ? 1 : 0)
        .element("currentgame", app)
        .element("state", app != 0 ? "PUNKTFUNK_SERVER_BUSY" : "PUNKTFUNK_SERVER_FREE");
    return {.body = std::move(document).finish()};
}

}  // namespace punktfunk::nvhttp
