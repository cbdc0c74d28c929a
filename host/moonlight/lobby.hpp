// Who of the paired clients runs what (spec §8.4, §8.5): from /launch over RTSP's handshake to the session that plays,
// and what is left of it for /resume.
//
// Every client has an output and an app of its own, so clients never wait for each other: what one sees as "running" is
// its own app. A client that launches or resumes while its session plays has lost it: the old session goes at once.
// One thread: the io_context's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps.hpp"
#include "moonlight_session.hpp"
#include "paired_clients.hpp"
#include "punktfunk/display/kept_desktop.hpp"
#include "punktfunk/http/rare_log.hpp"
#include "punktfunk/nvhttp/calls.hpp"
#include "punktfunk/nvhttp/response.hpp"
#include "punktfunk/rtsp/pending_sessions.hpp"
#include "punktfunk/stream/reaper.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::moonlight {

struct LobbyOptions {
    rtsp::Offer offer;
    size_t max_concurrent = 4;               // sessions; 0 = no limit
    std::function<size_t()> other_sessions;  // those of the host's other protocol count too; may be empty
    std::function<void()> changed;           // sessions; may be empty
};

class Lobby {
  public:
    // The references must outlive it.
    Lobby(boost::asio::io_context& io, LobbyOptions options, stream::PipelineParts parts, AppCatalogue& apps,
          StreamPorts& ports, ControlServer& control);
    ~Lobby();  // ends every session, and waits for the desktops to be gone
    Lobby(const Lobby&) = delete;

    // For sessionUrl0; once RTSP listens.
    void set_rtsp_port(uint16_t port) { rtsp_port_ = port; }

    [[nodiscard]] nvhttp::Response launch(const PairedClient& client, const nvhttp::LaunchCall& call,
                                          const boost::asio::ip::address& local, const boost::asio::ip::address& peer);
    // The app's id; 0: none.
    [[nodiscard]] int32_t running_app(const crypto::Fingerprint& client) const;
    // Ends the client's session and its app; running_app() is 0 from then on.
    void quit_app(const crypto::Fingerprint& client);
    // The same, for a client that may not be here any more.
    void drop_client(const crypto::Fingerprint& client) { quit_app(client); }

    [[nodiscard]] std::optional<Bytes> answer(const rtsp::Received& request, const boost::asio::ip::address& peer);
    [[nodiscard]] std::vector<SessionStatus> sessions() const;
    // Those that play, and those that were launched and will.
    [[nodiscard]] size_t occupied() const { return occupied(nullptr); }
    // nullptr when there is none of that number (any more).
    [[nodiscard]] MoonlightSession* session(uint64_t id) const;
    // Ends it; its app stays, for its client to come back to.
    void stop_session(uint64_t id);
    void follow_terms(const PairedClient& client);
    void set_max_concurrent(size_t most) { options_.max_concurrent = most; }

  private:
    static constexpr size_t kMaxIdle = 4;      // apps that run without a session, waiting for their clients
    static constexpr size_t kMostEnding = 16;  // desktops that take their time to go

    // A client with an app that runs.
    struct Guest {
        uint64_t number = 0;
        PairedClient client;
        App app;
        std::shared_ptr<display::KeptDesktop> desktop;
        uint64_t pending = 0;  // launched, and has not said PLAY; 0: none
        nvhttp::LaunchCall call;
        std::shared_ptr<LivePads> pads;  // of the session, or kept for the next one
        std::unique_ptr<MoonlightSession> session;
        uint64_t session_number = 0;
        bool streamed = false;  // its client has seen the app
        SteadyClock::time_point left{};
        [[nodiscard]] bool idle() const { return pending == 0 && session == nullptr; }
    };

    [[nodiscard]] Guest* find(const crypto::Fingerprint& client);
    [[nodiscard]] std::shared_ptr<display::KeptDesktop> make_desktop(const Guest& guest);
    void program_ended(uint64_t guest);
    void limit_idle();
    [[nodiscard]] size_t occupied(const Guest* without) const;
    [[nodiscard]] bool full(const Guest* without) const;
    [[nodiscard]] Guest& admit(const PairedClient& client, const App& app);
    [[nodiscard]] bool play(uint64_t pending_id, const rtsp::Session& session, const boost::asio::ip::address& peer);
    void end_session(Guest& guest);
    void unplug(Guest& guest);
    void session_ended(uint64_t number);
    void tick();
    void tell_change();

    boost::asio::io_context& io_;
    LobbyOptions options_;
    const stream::PipelineParts parts_;
    AppCatalogue& apps_;
    StreamPorts& ports_;
    ControlServer& control_;
    uint16_t rtsp_port_ = 0;
    uint64_t sessions_made_ = 0, guests_made_ = 0;
    nvhttp::UsedKeys used_keys_;
    http::RareLog complaints_;
    rtsp::PendingSessions pending_;
    boost::asio::steady_timer timer_;
    stream::Reaper reaper_;
    std::vector<std::unique_ptr<Guest>> guests_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what desktops' threads post
};

}  // namespace punktfunk::moonlight
