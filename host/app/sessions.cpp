#include "sessions.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "punktfunk/display/display.hpp"
#include "punktfunk/http/peer_address.hpp"

namespace punktfunk::app {

using management::SessionView;

namespace {

constexpr std::string_view kNative = "punktfunk1", kGamestream = "gamestream", kBrowser = "browser";

std::unexpected<Error> no_session(const std::string& id) {
    return fail(ErrorCode::NotAvailable, "there is no session {} (any more)", id);
}

// What every server says of its sessions, by the same names.
template <typename Session>
SessionView in_common(std::string_view protocol, const Session& session) {
    return {.id = fmt::format("{}-{}", protocol, session.id),
            .protocol = std::string(protocol),
            .device_name = {},
            .fingerprint = {},
            .address = {},
            .app = std::string(display::kDesktopName),
            .codec = codec_name(encode::Codec::H264),
            .encoder = session.encoder,
            .compositor = {},
            .streaming = session.streaming,
            .started = session.started,
            .mode = session.mode,
            .bitrate_kbps = session.bitrate_kbps,
            .rights = {},
            .stats = session.stats,
            .loss_percent = {},
            .packets_lost = {},
            .recovered = {},
            .round_trip = {}};
}

// Of a client with a protocol of its own.
template <typename Session>
SessionView of_client(std::string_view protocol, const Session& session) {
    SessionView view = in_common(protocol, session);
    view.device_name = session.client_name;
    view.fingerprint = session.fingerprint;
    view.address = http::address_text(session.address);
    if (!session.app.empty()) view.app = session.app;
    view.codec = codec_name(session.codec);
    view.rights = session.rights;
    view.loss_percent = session.loss_percent;
    view.round_trip = session.round_trip;
    return view;
}

SessionView view_of(const native::SessionInfo& session) {
    SessionView view = of_client(kNative, session);
    view.recovered = session.recovered;
    return view;
}

SessionView view_of(const moonlight::SessionInfo& session) {
    SessionView view = of_client(kGamestream, session);
    view.packets_lost = session.packets_lost;
    view.recovered = session.packets_recovered;
    view.packet_bytes = session.packet_bytes;
    view.min_fec_packets = session.min_fec_packets;
    return view;
}

SessionView view_of(const browser::SessionInfo& session) {
    SessionView view = in_common(kBrowser, session);
    view.device_name = session.visitor.name;
    view.fingerprint = session.visitor.fingerprint;
    view.address = http::address_text(session.visitor.address);
    view.rights = session.visitor.rights;
    return view;
}

}  // namespace

std::string codec_name(encode::Codec codec) {
    switch (codec) {
        case encode::Codec::H264:
            return "h264";
        case encode::Codec::Hevc:
            return "h265";
        case encode::Codec::Av1:
            break;
    }
    return "av1";
}

std::vector<SessionView> Sessions::views(const std::string& compositor) const {
    std::vector<SessionView> views;
    for (const auto& session : native_.sessions()) views.push_back(view_of(session));
    for (const auto& session : browser_.sessions()) views.push_back(view_of(session));
    if (gamestream_ != nullptr) {
        for (const auto& session : gamestream_->sessions()) views.push_back(view_of(session));
    }
    for (SessionView& view : views) view.compositor = compositor;
    return views;
}

// Calls action(server, number); false when no server makes such ids.
template <typename Action>
bool Sessions::at(const std::string& id, const Action& action) {
    const size_t dash = id.find('-');
    if (dash == std::string::npos) return false;
    uint64_t number = 0;
    const char* const end = id.data() + id.size();
    const auto [stopped, ec] = std::from_chars(id.data() + dash + 1, end, number);
    if (ec != std::errc() || stopped != end) return false;
    const std::string_view protocol = std::string_view(id).substr(0, dash);
    if (protocol == kNative) return action(native_, number), true;
    if (protocol == kBrowser) return action(browser_, number), true;
    if (protocol == kGamestream && gamestream_ != nullptr) return action(*gamestream_, number), true;
    return false;
}

Result<void> Sessions::stop(const std::string& id) {
    Result<void> stopped = no_session(id);
    (void)at(id, [&](auto& server, uint64_t number) { stopped = server.stop_session(number); });
    return stopped;
}

Result<void> Sessions::request_keyframe(const std::string& id) {
    Result<void> requested = no_session(id);
    (void)at(id, [&](auto& server, uint64_t number) { requested = server.request_keyframe(number); });
    return requested;
}

void Sessions::take_thumbnail(const std::string& id, std::function<void(Result<stream::Picture>)> done) {
    if (!at(id, [&](auto& server, uint64_t number) { server.take_thumbnail(number, done); })) done(no_session(id));
}

}  // namespace punktfunk::app
