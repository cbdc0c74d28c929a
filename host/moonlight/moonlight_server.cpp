#include "punktfunk/moonlight/moonlight_server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <set>

#include "apps.hpp"
#include "lobby.hpp"
#include "nvhttp_front.hpp"
#include "paired_clients.hpp"
#include "rtsp_listener.hpp"

namespace punktfunk::moonlight {

namespace asio = boost::asio;

namespace {

// Clients choose the newest codec that is offered, by themselves: one that the CPU cannot keep up with must be asked
// for.
nvhttp::CodecSupport codecs_of(const std::vector<encode::ProbeResult>& encoders, bool all) {
    const auto can = [&](encode::Codec codec) {
        return std::ranges::any_of(encoders, [&](const encode::ProbeResult& encoder) {
            return encoder.available && encoder.codec == codec &&
                   (all || codec == encode::Codec::H264 || !encoder.encoder.starts_with("lib"));
        });
    };
    nvhttp::CodecSupport codecs;
    codecs.h264.main = can(encode::Codec::H264);
    codecs.hevc.main = can(encode::Codec::Hevc);
    codecs.av1.main = can(encode::Codec::Av1);
    return codecs;
}

// From the base, as clients' error texts name them (spec §1.1).
uint16_t at(uint16_t base, int offset) {
    return base == 0 ? 0 : static_cast<uint16_t>(base + offset);
}

class Server final : public MoonlightServer {
  public:
    Server(asio::io_context& io, MoonlightConfig config, PairedClients paired, std::string compositor)
        : io_(io),
          config_(std::move(config)),
          paired_(std::move(paired)),
          apps_(config_.config_dir / "apps.json", std::move(compositor), config_.library) {}

    Result<void> open(stream::PipelineParts parts, const nvhttp::CodecSupport& codecs) {
        const uint16_t base = config_.port_base;
        auto media =
            StreamPorts::create(io_, config_.bind, {.video = at(base, 9), .control = 0, .audio = at(base, 11)});
        if (!media) return std::unexpected(std::move(media.error()));
        media_ = std::move(*media);
        auto control = ControlServer::create(io_, config_.bind, at(base, 10));
        if (!control) return std::unexpected(std::move(control.error()));
        control_ = std::move(*control);
        const rtsp::Offer offer{.codecs = codecs,
                                .pen_and_touch = true,
                                .controller_touch_and_motion = true,
                                .requested = {},
                                .surround_params = {}};
        lobby_ = std::make_unique<Lobby>(io_,
                                         LobbyOptions{.offer = offer,
                                                      .max_concurrent = config_.max_concurrent,
                                                      .other_sessions = config_.other_sessions,
                                                      .changed =
                                                          [this] {
                                                              note_seen();
                                                              if (config_.changed) config_.changed();
                                                          }},
                                         std::move(parts), apps_, *media_, *control_);
        auto rtsp = RtspListener::listen(io_, {.bind = {config_.bind, at(base, 21)}},
                                         [this](const rtsp::Received& request, const asio::ip::address& peer) {
                                             return lobby_->answer(request, peer);
                                         });
        if (!rtsp) return std::unexpected(std::move(rtsp.error()).in("RTSP"));
        rtsp_ = std::move(*rtsp);
        lobby_->set_rtsp_port(rtsp_->local().port());
        auto front = NvhttpFront::listen(io_,
                                         {.bind = config_.bind,
                                          .http_port = base,
                                          .https_port = at(base, -5),
                                          .identity = config_.identity,
                                          .hostname = config_.hostname,
                                          .unique_id = config_.unique_id,
                                          .codecs = codecs,
                                          .changed =
                                              [this] {
                                                  if (config_.changed) asio::post(io_, config_.changed);
                                              }},
                                         paired_, apps_, *lobby_);
        if (!front) return std::unexpected(std::move(front.error()));
        front_ = std::move(*front);
        (void)apps_.apps();  // what is wrong with the file is said now
        return {};
    }

    [[nodiscard]] Ports ports() const override {
        return {.http = front_->http_port(),
                .https = front_->https_port(),
                .rtsp = rtsp_->local().port(),
                .video = media_->video_port(),
                .control = control_->port(),
                .audio = media_->audio_port()};
    }

    [[nodiscard]] std::vector<SessionInfo> sessions() const override {
        std::vector<SessionInfo> list;
        for (SessionStatus& session : lobby_->sessions()) {
            list.push_back({.id = session.id,
                            .client_name = std::move(session.client),
                            .encoder = std::move(session.encoder),
                            .app = std::move(session.app),
                            .fingerprint = session.fingerprint,
                            .address = session.peer,
                            .started = session.started,
                            .streaming = session.streaming,
                            .codec = session.codec,
                            .rights = session.rights,
                            .packet_bytes = session.packet_bytes,
                            .min_fec_packets = session.min_fec_packets,
                            .packets_lost = session.packets_lost,
                            .packets_recovered = session.packets_recovered,
                            .mode = session.mode,
                            .bitrate_kbps = session.bitrate_kbps,
                            .loss_percent = session.loss_percent,
                            .round_trip = session.round_trip,
                            .stats = session.stream});
        }
        return list;
    }

    [[nodiscard]] size_t occupied() const override { return lobby_->occupied(); }

    [[nodiscard]] std::vector<ClientInfo> paired() const override {
        std::vector<ClientInfo> list;
        for (const PairedClient& client : paired_.list())
            list.push_back({client.name, client.fingerprint, client.terms, client.certificate_der});
        return list;
    }
    Result<void> change(const crypto::Fingerprint& fingerprint, const devices::Change& change) override {
        if (auto changed = paired_.change(fingerprint, change); !changed) return changed;
        if (const PairedClient* client = paired_.find(fingerprint)) lobby_->follow_terms(*client);
        return {};
    }
    Result<void> stop_session(uint64_t id) override {
        if (lobby_->session(id) == nullptr) return no_session(id);
        lobby_->stop_session(id);
        return {};
    }
    Result<void> request_keyframe(uint64_t id) override {
        auto* session = lobby_->session(id);
        return session != nullptr ? session->request_keyframe() : no_session(id);
    }
    void take_thumbnail(uint64_t id, stream::ThumbnailRequests::Done done) override {
        auto* session = lobby_->session(id);
        if (session == nullptr) return done(no_session(id));
        session->take_thumbnail(std::move(done));
    }
    void set_max_concurrent(size_t most) override { lobby_->set_max_concurrent(most); }
    Result<void> unpair(const crypto::Fingerprint& fingerprint) override {
        if (auto removed = paired_.remove(fingerprint); !removed) return removed;
        lobby_->drop_client(fingerprint);
        return {};
    }
    [[nodiscard]] std::vector<WaitingInfo> waiting() const override {
        std::vector<WaitingInfo> list;
        for (const auto& client : front_->waiting()) list.push_back({client.id, client.peer_address, client.name});
        return list;
    }
    Result<WaitingInfo> enter_pin(uint64_t client, std::string_view pin, std::string_view name) override {
        auto entered = front_->enter_pin(client, pin, name);
        if (!entered) return std::unexpected(std::move(entered.error()));
        return WaitingInfo{entered->id, entered->peer_address, entered->name};
    }

  private:
    static std::unexpected<Error> no_session(uint64_t id) {
        return fail(ErrorCode::NotAvailable, "there is no session {} any more", id);
    }
    // Whose session has begun or ended was here just now.
    void note_seen() {
        std::set<crypto::Fingerprint> now;
        for (const SessionStatus& session : lobby_->sessions()) now.insert(session.fingerprint);
        std::vector<crypto::Fingerprint> changed;
        std::ranges::set_symmetric_difference(now, streaming_, std::back_inserter(changed));
        for (const auto& fingerprint : changed) paired_.seen(fingerprint);
        streaming_ = std::move(now);
    }

    asio::io_context& io_;
    const MoonlightConfig config_;
    std::set<crypto::Fingerprint> streaming_;
    PairedClients paired_;
    AppCatalogue apps_;
    std::unique_ptr<StreamPorts> media_;
    std::unique_ptr<ControlServer> control_;
    std::unique_ptr<Lobby> lobby_;
    std::unique_ptr<RtspListener> rtsp_;
    std::unique_ptr<NvhttpFront> front_;
};

}  // namespace

Result<std::unique_ptr<MoonlightServer>> MoonlightServer::start(asio::io_context& io, MoonlightConfig config,
                                                                stream::PipelineParts parts,
                                                                const std::vector<encode::ProbeResult>& encoders) {
    if (config.port_base != 0 && (config.port_base < 6 || config.port_base > 65535 - 21))
        return fail(ErrorCode::InvalidArgument, "--port-base {}: the ports are counted from it: 6 to 65514, or 0",
                    config.port_base);
    auto paired = PairedClients::open(config.config_dir);
    if (!paired) return std::unexpected(std::move(paired.error()));
    const auto codecs = codecs_of(encoders, config.all_codecs);
    auto server =
        std::make_unique<Server>(io, std::move(config), std::move(*paired), std::string(parts.display->name()));
    if (auto opened = server->open(std::move(parts), codecs); !opened)
        return std::unexpected(std::move(opened.error()));
    return server;
}

}  // namespace punktfunk::moonlight
