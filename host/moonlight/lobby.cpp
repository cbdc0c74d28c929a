#include "lobby.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "address_text.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/nvhttp/address.hpp"
#include "punktfunk/nvhttp/launch_policy.hpp"

namespace punktfunk::moonlight {

namespace asio = boost::asio;

namespace {

std::optional<display::Mode> display_mode(const std::optional<nvhttp::DisplayMode>& mode) {
    if (!mode) return std::nullopt;
    return display::Mode{mode->width, mode->height, (mode->refresh_millihertz + 500) / 1000};
}

}  // namespace

Lobby::Lobby(asio::io_context& io, LobbyOptions options, stream::PipelineParts parts, AppCatalogue& apps)
    : io_(io), options_(std::move(options)), parts_(std::move(parts)), apps_(apps), timer_(io) {
    tick();
}

Lobby::~Lobby() = default;

Lobby::Guest* Lobby::find(const crypto::Fingerprint& client) {
    const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->client.fingerprint == client; });
    return found == guests_.end() ? nullptr : found->get();
}

int32_t Lobby::running_app(const crypto::Fingerprint& client) const {
    const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->client.fingerprint == client; });
    return found == guests_.end() ? 0 : (*found)->app.id;
}

std::shared_ptr<display::KeptDesktop> Lobby::make_desktop(const PairedClient& client, const App& app) {
    display::KeptDesktopOptions options{.label = fmt::format("{} for {}", app.name, client.name),
                                        .program = app.program,
                                        .undo = {},
                                        .program_ended = {}};
    if (!app.undo.empty() && app.program)
        options.undo = display::Program{app.undo, app.program->directory, app.program->environment};
    options.program_ended = [this, fingerprint = client.fingerprint] {
        asio::post(io_, [this, fingerprint] { quit_app(fingerprint); });
    };
    return std::make_shared<display::KeptDesktop>(*parts_.display, std::move(options));
}

bool Lobby::full(const crypto::Fingerprint&) const {
    return false;
}

nvhttp::Response Lobby::launch(const PairedClient& client, const nvhttp::LaunchCall& call,
                               const asio::ip::address& local, const asio::ip::address& peer) {
    Guest* guest = find(client.fingerprint);
    const App* app = call.resume ? (guest != nullptr ? &guest->app : nullptr) : apps_.find(call.app_id);
    const auto refuse = [&](int status, std::string_view why) {
        spdlog::warn("{}: refused: {}", client.name, why);
        return nvhttp::session_refused(call.resume, status, why);
    };
    // A launch takes the place of what the same client runs: it has lost sight of it, or it would have resumed.
    const nvhttp::LaunchConditions conditions{.app_exists = app != nullptr,
                                              .running_app = call.resume && guest != nullptr ? guest->app.id : 0,
                                              .can_encode = options_.offer.codecs.any(),
                                              .encryption_mandatory = false};
    if (auto refused = nvhttp::refuse_launch(call, conditions)) return std::move(*refused);
    if (full(client.fingerprint))
        return refuse(503, "The host streams to as many clients as it may (--max-concurrent)");
    if (!used_keys_.insert(call.secret))
        return refuse(400, "The client repeated a key of an earlier session: try again");
    rtsp::Offer offer = options_.offer;
    offer.surround_params = call.surround_params;
    auto session = rtsp::Session::create({.secret = call.secret,
                                          .encrypted = call.encrypts_rtsp(),
                                          .ports = options_.ports,
                                          .offer = std::move(offer),
                                          .mandatory = {}},
                                         SteadyClock::now());
    if (!session) return refuse(500, session.error().message);

    if (guest != nullptr && guest->app.id != app->id) {
        const App next = *app;
        quit_app(client.fingerprint);
        guest = nullptr;
        app = apps_.find(next.id);
    }
    if (guest == nullptr) {
        guests_.push_back(std::make_unique<Guest>(Guest{client, *app, make_desktop(client, *app), 0, {}, false}));
        guest = guests_.back().get();
    } else {
        end_session(*guest);
    }
    guest->call = call;
    guest->desktop->begin_session(display_mode(call.mode));
    guest->pending = pending_.add(std::move(*session), to_hex(client.fingerprint), address_text(peer));
    spdlog::info("{} at {} {} {}", client.name, address_text(peer), call.resume ? "resumes" : "launches",
                 guest->app.name);
    return nvhttp::session_started(call.resume,
                                   nvhttp::session_url(address_text(local), rtsp_port_, call.encrypts_rtsp()));
}

std::optional<Bytes> Lobby::answer(const rtsp::Received& request, const asio::ip::address& peer) {
    auto routed = pending_.answer(request, address_text(peer), SteadyClock::now());
    if (!routed) return std::nullopt;
    if (!routed->answer.refused.empty())
        spdlog::warn("RTSP: {}: refused: {}", address_text(peer), routed->answer.refused);
    if (routed->answer.play) {
        // Its streams are there before the answer is: the client connects the moment it reads it.
        if (const auto session = pending_.take(routed->id)) play(routed->id, *session, peer);
    }
    return std::move(routed->answer.bytes);
}

void Lobby::play(uint64_t pending_id, const rtsp::Session&, const asio::ip::address&) {
    const auto guest = std::ranges::find_if(guests_, [&](const auto& g) { return g->pending == pending_id; });
    if (guest == guests_.end()) return;
    (*guest)->pending = 0;
    (*guest)->played = true;
}

void Lobby::end_session(Guest& guest) {
    if (guest.pending != 0) (void)pending_.take(std::exchange(guest.pending, 0));
}

void Lobby::quit_app(const crypto::Fingerprint& client) {
    const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->client.fingerprint == client; });
    if (found == guests_.end()) return;
    Guest& guest = **found;
    spdlog::info("{} has ended {}", guest.client.name, guest.app.name);
    end_session(guest);
    guest.desktop->close();
    reaper_.take(nullptr, std::move(guest.desktop));  // waits for it; we do not
    guests_.erase(found);
}

void Lobby::tick() {
    for (const uint64_t id : pending_.expire(SteadyClock::now())) {
        const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->pending == id; });
        if (found == guests_.end()) continue;
        Guest& guest = **found;
        guest.pending = 0;
        spdlog::warn("{} launched {} and did not come for it", guest.client.name, guest.app.name);
        if (!guest.played) quit_app(guest.client.fingerprint);
    }
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) tick();
    });
}

}  // namespace punktfunk::moonlight
