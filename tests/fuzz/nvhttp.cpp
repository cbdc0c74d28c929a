// What a GameStream client asks for: it is refused in well-formed XML, or becomes a call whose values are in range.
#include <algorithm>

#include "punktfunk/nvhttp/calls.hpp"
#include "require.hpp"

using namespace punktfunk;
using namespace punktfunk::nvhttp;

namespace {

void check_document(const Response& response) {
    REQUIRE(response.http_status == 200 || response.http_status == 404);
    const std::string& body = response.body;
    REQUIRE(body.starts_with("<?xml ") && body.ends_with("</root>\n"));
    // Nobody's text opens an element: ours are <?xml, <root, </root> and one <name>0</name> at most.
    REQUIRE(std::ranges::count(body, '<') == std::ranges::count(body, '>') && std::ranges::count(body, '<') <= 5);
    REQUIRE(std::ranges::all_of(body, [](unsigned char c) { return c >= 0x20 || c == '\n' || c == '\t'; }));
}

void check_launch(const LaunchCall& call) {
    REQUIRE(call.app_id >= 0 && (call.resume || call.app_id > 0));
    REQUIRE(call.audio.count == 2 || call.audio.count == 6 || call.audio.count == 8);
    REQUIRE(call.surround_params.size() <= 11);
    if (!call.mode) return;
    REQUIRE(call.mode->width >= 1 && call.mode->width <= 8192 && call.mode->height >= 1 && call.mode->height <= 8192);
    REQUIRE(call.mode->refresh_millihertz >= 1000 && call.mode->refresh_millihertz <= 1'000'000);
}

}  // namespace

// The first byte's lowest bits: over TLS, with a paired certificate. The rest is the target.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const Access access{.tls = (data[0] & 1) != 0, .authorised = (data[0] & 2) != 0};
    const std::string target(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto parsed = parse_target(target);
    REQUIRE(parsed.has_value() == parse_request_line("GET " + target + " HTTP/1.1").has_value());
    const auto call = route(target, access);
    if (!call) {
        check_document(call.error());
        return 0;
    }
    REQUIRE(parsed && parsed->query.size() <= kMaxParameters);
    const bool open_to_all = std::holds_alternative<ServerInfoCall>(*call) || std::holds_alternative<PairCall>(*call) ||
                             std::holds_alternative<UnpairCall>(*call);
    REQUIRE(open_to_all || access.trusted());
    if (const auto* launch = std::get_if<LaunchCall>(&*call)) check_launch(*launch);
    if (const auto* pair = std::get_if<PairCall>(&*call)) {
        REQUIRE(std::holds_alternative<pair_phase::PairChallenge>(pair->phase) ? access.trusted() : !access.tls);
        REQUIRE(std::holds_alternative<pair_phase::Malformed>(pair->phase) ||
                (!pair->unique_id.empty() && pair->unique_id.size() <= kMaxUniqueId));
    }
    return 0;
}
