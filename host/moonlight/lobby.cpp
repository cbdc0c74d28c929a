#include "lobby.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "punktfunk/base/hex.hpp"
#include "punktfunk/http/peer_address.hpp"
#include "punktfunk/nvhttp/address.hpp"
#include "punktfunk/nvhttp/launch_policy.hpp"
#include "punktfunk/stream/parts_on.hpp"

namespace punktfunk::moonlight {

namespace asio = boost::asio;

namespace {

std::optional<display::Mode> display_mode(const std::optional<nvhttp::DisplayMode>& mode) {
    if (!mode) return std::nullopt;
    // As ANNOUNCE will have it: even.
    return display::Mode{std::max(mode->width & ~1u, 2u), std::max(mode->height & ~1u, 2u),
                         (mode->refresh_millihertz + 500) / 1000};
}

}  // namespace

Lobby::Lobby(asio::io_context& io, LobbyOptions options, stream::PipelineParts parts, AppCatalogue& apps,
             StreamPorts& ports, ControlServer& control)
    : io_(io),
      options_(std::move(options)),
      parts_(std::move(parts)),
      apps_(apps),
      ports_(ports),
      control_(control),
      timer_(io) {
    tick();
}

Lobby::~Lobby() {
    while (!guests_.empty()) quit_app(guests_.back()->client.fingerprint);
}

Lobby::Guest* Lobby::find(const crypto::Fingerprint& client) {
    const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->client.fingerprint == client; });
    return found == guests_.end() ? nullptr : found->get();
}

int32_t Lobby::running_app(const crypto::Fingerprint& client) const {
    const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->client.fingerprint == client; });
    return found == guests_.end() ? 0 : (*found)->app.id;
}

std::shared_ptr<display::KeptDesktop> Lobby::make_desktop(const Guest& guest) {
    const App& app = guest.app;
    display::KeptDesktopOptions options{.label = fmt::format("{} for {}", app.name, guest.client.name),
                                        .program = app.program,
                                        .undo = {},
                                        .program_ended = {}};
    if (!app.undo.empty() && app.program)
        options.undo = display::Program{app.undo, app.program->directory, app.program->environment, {}};
    options.program_ended = [this, alive = std::weak_ptr(alive_), number = guest.number] {
        asio::post(io_, [this, alive, number] {
            if (!alive.expired()) program_ended(number);
        });
    };
    return std::make_shared<display::KeptDesktop>(*parts_.display, std::move(options));
}

void Lobby::program_ended(uint64_t number) {
    const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->number == number; });
    if (found != guests_.end()) quit_app((*found)->client.fingerprint);
}

size_t Lobby::occupied(const Guest* without) const {
    const auto busy = [&](const auto& guest) { return guest.get() != without && !guest->idle(); };
    return static_cast<size_t>(std::ranges::count_if(guests_, busy));
}

bool Lobby::full(const Guest* without) const {
    if (options_.max_concurrent == 0) return false;
    const size_t elsewhere = options_.other_sessions ? options_.other_sessions() : 0;
    return occupied(without) + elsewhere >= options_.max_concurrent;
}

Lobby::Guest& Lobby::admit(const PairedClient& client, const App& app) {
    guests_.push_back(std::make_unique<Guest>());
    Guest& guest = *guests_.back();
    guest.number = ++guests_made_;
    guest.client = client;
    guest.app = app;
    guest.desktop = make_desktop(guest);
    return guest;
}

void Lobby::limit_idle() {
    const auto idle = [](const auto& guest) { return guest->idle(); };
    while (std::ranges::count_if(guests_, idle) > static_cast<ptrdiff_t>(kMaxIdle)) {
        const auto longest = std::ranges::min_element(guests_, {}, [](const auto& guest) {
            return guest->idle() ? guest->left : SteadyClock::time_point::max();
        });
        spdlog::info("{} has not come back for {}", (*longest)->client.name, (*longest)->app.name);
        quit_app((*longest)->client.fingerprint);
    }
}

nvhttp::Response Lobby::launch(const PairedClient& client, const nvhttp::LaunchCall& call,
                               const asio::ip::address& local, const asio::ip::address& peer) {
    Guest* guest = find(client.fingerprint);
    std::optional<App> app;
    if (!call.resume) {
        app = apps_.find(call.app_id);
    } else if (guest != nullptr) {
        app = guest->app;
    }
    const auto refuse = [&](int status, std::string_view why) {
        spdlog::warn("{}: refused: {}", client.name, why);
        return nvhttp::session_refused(call.resume, status, why);
    };
    // A launch takes the place of what the same client runs: it has lost sight of it, or it would have resumed.
    const nvhttp::LaunchConditions conditions{.app_exists = app.has_value(),
                                              .running_app = call.resume && guest != nullptr ? guest->app.id : 0,
                                              .can_encode = options_.offer.codecs.any(),
                                              .encryption_mandatory = false};
    if (auto refused = nvhttp::refuse_launch(call, conditions)) return std::move(*refused);
    // What runs already was started while it might be.
    if (!call.resume && app->program && !client.terms.rights.launch)
        return refuse(403, "This device may use the desktop only: its rights are set at the host");
    if (reaper_.pending() >= kMostEnding)
        return refuse(503, "The host is still ending other apps: try again in a moment");
    if (full(guest)) return refuse(503, "The host streams to as many clients as it may (--max-concurrent)");
    const std::string owner = to_hex(client.fingerprint);
    if (!pending_.has_room_for(owner)) return refuse(503, "Too many clients are connecting: try again in a moment");
    if (!used_keys_.insert(call.secret))
        return refuse(400, "The client repeated a key of an earlier session: try again");
    rtsp::Offer offer = options_.offer;
    offer.surround_params = call.surround_params;
    auto session = rtsp::Session::create(
        {.secret = call.secret,
         .encrypted = call.encrypts_rtsp(),
         .ports = {.video = ports_.video_port(), .control = control_.port(), .audio = ports_.audio_port()},
         .offer = std::move(offer),
         .mandatory = {}},
        SteadyClock::now());
    if (!session) return refuse(500, session.error().message);

    if (guest != nullptr && guest->app.id != app->id) {
        quit_app(client.fingerprint);
        guest = nullptr;
    }
    if (guest != nullptr) {
        end_session(*guest);
    } else {
        guest = &admit(client, *app);
    }
    guest->client = client;  // as it is now: it may have been renamed
    guest->call = call;
    guest->desktop->begin_session(display_mode(call.mode));
    guest->pending = pending_.add(std::move(*session), owner, http::address_text(peer));
    spdlog::info("{} at {} {} {}", client.name, http::address_text(peer), call.resume ? "resumes" : "launches",
                 guest->app.name);
    return nvhttp::session_started(call.resume,
                                   nvhttp::session_url(http::address_text(local), rtsp_port_, call.encrypts_rtsp()));
}

std::optional<Bytes> Lobby::answer(const rtsp::Received& request, const asio::ip::address& peer) {
    auto routed = pending_.answer(request, http::address_text(peer), SteadyClock::now());
    if (!routed) return std::nullopt;
    if (!routed->answer.refused.empty())
        complaints_.say(fmt::format("RTSP: {}: refused: {}", http::address_text(peer), routed->answer.refused));
    if (routed->answer.play) {
        // Its streams are there before the answer is: the client connects the moment it reads it.
        const auto session = pending_.take(routed->id);
        if (!session || !play(routed->id, *session, peer)) return std::nullopt;
    }
    return std::move(routed->answer.bytes);
}

// The desktop lives as long as anything that may use it: the parts are copied into the session, and go last of it.
bool Lobby::play(uint64_t pending_id, const rtsp::Session& session, const asio::ip::address& peer) {
    const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->pending == pending_id; });
    if (found == guests_.end() || !session.config()) return false;
    Guest& guest = **found;
    guest.pending = 0;
    guest.session_number = ++sessions_made_;
    if (!guest.pads) guest.pads = std::make_shared<LivePads>(io_, guest.client.name);
    auto started = MoonlightSession::start(
        {io_, ports_, control_, reaper_}, stream::parts_on(parts_, guest.desktop),
        {.launch = guest.call,
         .config = *session.config(),
         .ids = session.ids(),
         .client_name = guest.client.name,
         .rights = guest.client.terms.rights,
         .peer = peer},
        guest.pads, [this, number = guest.session_number](const std::string&) { session_ended(number); });
    if (!started) {
        spdlog::error("{}: {}", guest.client.name, started.error().message);
        quit_app(guest.client.fingerprint);
        return false;
    }
    guest.session = std::move(*started);
    tell_change();
    return true;
}

void Lobby::session_ended(uint64_t number) {
    const auto found =
        std::ranges::find_if(guests_, [&](const auto& g) { return g->session && g->session_number == number; });
    if (found == guests_.end()) return;
    Guest& guest = **found;
    guest.streamed = guest.streamed || guest.session->status().streaming;
    guest.session.reset();
    if (!guest.call.keep_gamepads) unplug(guest);
    guest.left = SteadyClock::now();
    tell_change();
    // An app that never came up is nothing to come back to.
    if (!guest.streamed) quit_app(guest.client.fingerprint);
    limit_idle();
}

void Lobby::end_session(Guest& guest) {
    if (guest.pending != 0) (void)pending_.take(std::exchange(guest.pending, 0));
    if (guest.session == nullptr) return;
    guest.streamed = guest.streamed || guest.session->status().streaming;
    guest.session->terminate(gs_control::TerminationCode::Graceful);
    guest.session.reset();
    if (!guest.call.keep_gamepads) unplug(guest);
    guest.left = SteadyClock::now();
    tell_change();
}

void Lobby::unplug(Guest& guest) {
    if (!guest.pads) return;
    guest.pads->close();
    reaper_.take(nullptr, std::move(guest.pads));
}

void Lobby::tell_change() {
    if (!options_.changed) return;
    asio::post(io_, [alive = std::weak_ptr(alive_), changed = options_.changed] {
        if (!alive.expired()) changed();
    });
}

MoonlightSession* Lobby::session(uint64_t id) const {
    const auto found =
        std::ranges::find_if(guests_, [&](const auto& g) { return g->session && g->session_number == id; });
    return found == guests_.end() ? nullptr : (*found)->session.get();
}

void Lobby::stop_session(uint64_t id) {
    for (const auto& guest : guests_) {
        if (guest->session && guest->session_number == id) return end_session(*guest);
    }
}

void Lobby::follow_terms(const PairedClient& client) {
    Guest* guest = find(client.fingerprint);
    if (guest == nullptr) return;
    guest->client = client;
    if (guest->session) guest->session->set_rights(client.terms.rights);
    tell_change();
}

std::vector<SessionStatus> Lobby::sessions() const {
    std::vector<SessionStatus> list;
    for (const auto& guest : guests_) {
        if (!guest->session) continue;
        list.push_back(guest->session->status());
        list.back().id = guest->session_number;
        list.back().client = guest->client.name;
        list.back().fingerprint = guest->client.fingerprint;
        list.back().app = guest->app.name;
    }
    return list;
}

void Lobby::quit_app(const crypto::Fingerprint& client) {
    const auto found = std::ranges::find_if(guests_, [&](const auto& g) { return g->client.fingerprint == client; });
    if (found == guests_.end()) return;
    Guest& guest = **found;
    spdlog::info("{} has ended {}", guest.client.name, guest.app.name);
    end_session(guest);
    unplug(guest);
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
        guest.left = SteadyClock::now();
        if (!guest.streamed) quit_app(guest.client.fingerprint);
    }
    limit_idle();
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) tick();
    });
}

}  // namespace punktfunk::moonlight
