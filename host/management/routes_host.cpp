#include <algorithm>

#include "answers.hpp"
#include "api.hpp"
#include "describe.hpp"
#include "metrics.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/http/peer_address.hpp"
#include "punktfunk/management/openapi.hpp"
#include "timestamps.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

constexpr uint32_t kAbiVersion = PUNKTFUNK_ABI_VERSION;

json describe_host(const HostFacts& host, uint16_t mgmt, const http::Request& request) {
    return {{"hostname", host.hostname},
            {"uniqueid", host.unique_id},
            {"local_ip", http::address_text(request.local.address())},
            {"version", kVersion},
            {"abi_version", kAbiVersion},
            {"app_version", kAppVersion},
            {"gfe_version", kGfeVersion},
            {"codecs", host.codecs},
            {"ports",
             {{"mgmt", mgmt},
              {"native", host.native},
              {"http", host.http},
              {"https", host.https},
              {"rtsp", host.rtsp},
              {"video", host.video},
              {"control", host.control},
              {"audio", host.audio}}},
            {"fingerprint", to_hex(host.fingerprint)},
            {"gamestream", host.gamestream},
            {"pairing_required", host.pairing_required},
            {"started_at", timestamp(host.started)}};
}

// GameStream's state only (spec §10.2); of several sessions, the one that was begun first.
json describe_status(const HostControl& host) {
    const auto sessions = host.sessions();
    const auto devices = host.devices();
    const auto found = std::ranges::find(sessions, "gamestream", &SessionView::protocol);
    json session, stream;
    const bool streaming = found != sessions.end() && found->streaming;
    if (found != sessions.end()) {
        session = {{"width", found->mode.width}, {"height", found->mode.height}, {"fps", found->mode.refresh_hz}};
        stream = session;
        stream.update({{"bitrate_kbps", found->bitrate_kbps},
                       {"packet_size", found->packet_bytes},
                       {"min_fec", found->min_fec_packets},
                       {"codec", found->codec}});
    }
    return {{"video_streaming", streaming},
            {"audio_streaming", streaming && found->stats.sound_packets != 0},
            {"pin_pending", !host.pairing().waiting.empty()},
            {"paired_clients", std::ranges::count_if(devices, &DeviceView::gamestream)},
            {"session", session},
            {"stream", stream}};
}

}  // namespace

void add_host_routes(Router& router, Api& api) {
    router.add("GET", "/api/v1/health", "getHealth", Access::Open, [](const Call&) {
        return json_answer({{"status", "ok"}, {"version", kVersion}, {"abi_version", kAbiVersion}});
    });
    router.add("GET", "/api/v1/openapi.json", "getOpenApi", Access::Open, [](const Call&) -> http::Response {
        return {.content_type = "application/json", .body = std::string(openapi_document()), .headers = {}};
    });
    router.add("GET", "/api/v1/host", "getHostInfo", Access::Read, [&api](const Call& call) {
        return json_answer(describe_host(api.host.facts(), api.port(), call.request()));
    });
    router.add("GET", "/api/v1/status", "getStatus", Access::Read,
               [&api](const Call&) { return json_answer(describe_status(api.host)); });
    router.add("GET", "/metrics", "getMetrics", Access::Admin, [&api](const Call&) -> http::Response {
        return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
                .body = metrics_text(api.host, api.hub.listeners()),
                .headers = {}};
    });
}

}  // namespace punktfunk::management
