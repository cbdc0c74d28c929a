#include "moonlight_session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "client_input.hpp"
#include "loss_meter.hpp"
#include "moonlight_sound_sink.hpp"
#include "moonlight_video_sink.hpp"
#include "punktfunk/gs_control/input.hpp"
#include "punktfunk/rate/loss_backoff.hpp"
#include "punktfunk/rate/send_policy.hpp"

namespace punktfunk::moonlight {

using namespace std::chrono_literals;

namespace {

constexpr auto kTick = 1s;
// Clients set a fifth aside for parity; a path without loss needs less, but a first burst of it should find some.
constexpr uint8_t kLeastFecPercent = 10;
constexpr uint32_t kMostSlices = 16;
constexpr uint64_t kSmallBlocks = 2, kPictureForParityPpm = 60'000;
constexpr uint64_t kEnoughPackets = 20;  // of a tick, or its loss means nothing
constexpr auto kConnectWait = 15s;       // from PLAY to the control stream; clients give up after 10 s
// Traffic classes, where the client says that its network takes them (spec §6.10): CS5 and CS6.
constexpr uint8_t kVideoClass = 40 << 2, kSoundClass = 48 << 2;
constexpr auto kSilence = 10s;  // of the control stream, whose client says something every 100 ms

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

gs_media::PingPayload payload_of(std::string_view text) {
    gs_media::PingPayload payload{};
    std::copy_n(text.begin(), std::min(text.size(), payload.size()), payload.begin());
    return payload;
}

encode::Codec encoder_codec(nvhttp::Codec codec) {
    switch (codec) {
        case nvhttp::Codec::H264:
            return encode::Codec::H264;
        case nvhttp::Codec::Hevc:
            return encode::Codec::Hevc;
        case nvhttp::Codec::Av1:
            break;
    }
    return encode::Codec::Av1;
}

// No encoder here makes 10 bits, which is what BT.2020 comes with.
encode::Colour colour_of(const rtsp::VideoConfig& video) {
    return {.matrix = video.colour_space == rtsp::ColourSpace::Bt601 ? encode::Matrix::Bt601 : encode::Matrix::Bt709,
            .full_range = video.full_range};
}

gs_video::VideoConfig packets_of(const SessionRequest& request) {
    const rtsp::VideoConfig& video = request.config.video;
    gs_video::VideoConfig packets{.packet_bytes = static_cast<uint16_t>(video.packet_size),
                                  .fec_percent = static_cast<uint8_t>(std::min(video.fec_percentage, 255u)),
                                  .min_fec_packets = static_cast<uint8_t>(std::min(video.min_parity_packets, 255u)),
                                  .key = {}};
    if (request.config.encryption.video) packets.key = request.launch.secret.key;
    return packets;
}

opus::EncoderConfig sound_of(const rtsp::AudioConfig& audio) {
    return {.purpose = opus::Purpose::Desktop,
            .channels = audio.layout.channels,
            .frame_samples = audio.packet_ms * opus::kRate / 1000,
            .bitrate = audio.layout.bitrate_kbps * 1000,
            .streams = audio.layout.streams,
            .coupled = audio.layout.coupled_streams,
            .mapping = audio.layout.mapping};
}

gs_audio::AudioConfig packets_of_sound(const SessionRequest& request) {
    gs_audio::AudioConfig packets{.packet_duration = std::chrono::milliseconds(request.config.audio.packet_ms),
                                  .key = {}};
    if (request.config.encryption.audio)
        packets.key = gs_audio::AudioKey{request.launch.secret.key, request.launch.secret.key_id};
    return packets;
}

}  // namespace

struct MoonlightSession::State : std::enable_shared_from_this<State> {
    State(const SessionContext& session_context, SessionRequest session_request, std::shared_ptr<LivePads> session_pads,
          std::function<void(std::string)> on_ended)
        : context(session_context),
          request(std::move(session_request)),
          ended(std::move(on_ended)),
          timer(context.io),
          backoff(request.config.video.bitrate_kbps),
          encoder_kbps(request.config.video.bitrate_kbps),
          input([this](const wire::InputEvent& event) { stream->inject(event); }),
          pads(std::move(session_pads)) {}

    Result<void> open(stream::PipelineParts parts);
    [[nodiscard]] stream::StreamCallbacks callbacks();
    [[nodiscard]] ControlEvents control_events();
    void on_ready(Result<std::string> name);
    void on_message(const gs_control::ClientMessage& message);
    void on_input(ByteView packets);
    void on_lost_frames(const gs_control::InvalidateFrames& lost);
    void tick();
    void adapt(SteadyClock::time_point now);
    void end(std::string why, std::optional<gs_control::TerminationCode> code = std::nullopt);
    void stop(std::optional<gs_control::TerminationCode> code);

    const SessionContext context;
    const SessionRequest request;
    devices::Rights rights = request.rights;
    const std::chrono::system_clock::time_point began = std::chrono::system_clock::now();
    std::function<void(std::string)> ended;
    boost::asio::steady_timer timer;
    std::unique_ptr<stream::StreamSession> stream;  // none any more once it is over
    std::unique_ptr<ControlPeer> control;
    std::shared_ptr<MediaRoute> video_route, audio_route;
    std::unique_ptr<MoonlightVideoSink> video_sink;  // until the desktop is there
    std::unique_ptr<MoonlightSoundSink> sound_sink;
    std::shared_ptr<SendControls> controls = std::make_shared<SendControls>();
    rate::LossBackoff backoff;
    std::optional<rate::SendPolicy> policy;
    LossMeter losses;
    uint64_t packets_seen = 0, packets_lost = 0, packets_recovered = 0;
    uint32_t encoder_kbps, loss_ppm = 0;
    ClientInput input;
    std::shared_ptr<LivePads> pads;
    std::string encoder;
    SteadyClock::time_point started = SteadyClock::now(), heard{};  // heard: of the control stream
    uint64_t bad_input = 0;
};

Result<void> MoonlightSession::State::open(stream::PipelineParts parts) {
    const rtsp::StreamConfig& config = request.config;
    const auto pings = [&](const std::string& payload) {
        PingSource source{.payload = {}, .address = request.peer};
        if (config.knows_ping_payload) source.payload = payload_of(payload);
        return source;
    };
    auto video = context.ports.expect_video(pings(request.ids.video_ping), config.video.mark_dscp ? kVideoClass : 0);
    if (!video) return std::unexpected(video.error());
    video_route = std::move(*video);
    auto audio = context.ports.expect_audio(pings(request.ids.audio_ping), config.audio.mark_dscp ? kSoundClass : 0);
    if (!audio) return std::unexpected(audio.error());
    audio_route = std::move(*audio);

    const auto packets = packets_of(request);
    policy.emplace(config.video.bitrate_kbps,
                   rate::FecController(packets.fec_percent, std::min(packets.fec_percent, kLeastFecPercent)), controls,
                   [this](uint32_t kbps) {
                       encoder_kbps = kbps;
                       if (stream) stream->set_bitrate(kbps);
                   });
    auto sink = MoonlightVideoSink::create(packets, video_route, controls);
    if (!sink) return std::unexpected(sink.error());
    video_sink = std::move(*sink);
    auto sound = gs_audio::Packetizer::create(packets_of_sound(request));
    if (!sound) return std::unexpected(sound.error());
    sound_sink = std::make_unique<MoonlightSoundSink>(std::move(*sound), audio_route);

    auto peer = context.control.expect(
        {.connect_data = config.knows_ping_payload ? request.ids.connect_data : 0,
         .address = request.peer,
         .key = request.launch.secret.key,
         .scheme = config.encryption.control ? gs_control::Scheme::V2 : gs_control::Scheme::Legacy},
        control_events());
    if (!peer) return std::unexpected(peer.error());
    control = std::move(*peer);

    pads->attach([this](const gs_control::HostMessage& message) { control->send(message); }, request.launch.gamepads);

    pads->allow(rights.controllers);

    const rtsp::VideoConfig& video_config = config.video;
    stream = std::make_unique<stream::StreamSession>(
        std::move(parts),
        stream::StreamConfig{.mode = {.width = video_config.width,
                                      .height = video_config.height,
                                      .refresh_hz = std::max((video_config.refresh_millihertz + 500) / 1000, 1u)},
                             .codec = encoder_codec(video_config.codec),
                             .bitrate_kbps = video_config.bitrate_kbps,
                             .slices = std::clamp(video_config.slices_per_frame, 1u, kMostSlices),
                             .more_slices = true,
                             .label = request.client_name,
                             .max_unit_bytes = gs_video::max_frame_bytes(packets),
                             .colour = colour_of(video_config),
                             .aim_unit_bytes = gs_video::max_fully_protected_bytes(packets),
                             .sound = sound_of(config.audio),
                             .send_silence = true,
                             .rights = rights},
        callbacks());
    tick();
    return {};
}

stream::StreamCallbacks MoonlightSession::State::callbacks() {
    // Called on the session's threads: hop to the control thread.
    return {.ready =
                [weak = weak_from_this(), &io = context.io](Result<std::string> name) {
                    boost::asio::post(io, [weak, name = std::move(name)]() mutable {
                        if (const auto self = weak.lock()) self->on_ready(std::move(name));
                    });
                },
            .ended =
                [weak = weak_from_this(), &io = context.io](Error reason) {
                    boost::asio::post(io, [weak, reason = std::move(reason)]() mutable {
                        const auto self = weak.lock();
                        if (!self) return;
                        // A client that never pinged is no fault of the encoder's.
                        const bool broken = reason.code != ErrorCode::Timeout;
                        self->end(std::move(reason.message),
                                  broken ? std::optional(gs_control::TerminationCode::EncoderFailed) : std::nullopt);
                    });
                },
            .mode_changed = {},
            .gap = {}};
}

ControlEvents MoonlightSession::State::control_events() {
    return {.connected =
                [this] {
                    heard = SteadyClock::now();
                    spdlog::info("{}: control is connected", request.client_name);
                },
            .message = [this](const gs_control::ClientMessage& message) { on_message(message); },
            .gone = [this](std::string_view why) { end(std::string(why)); }};
}

void MoonlightSession::State::on_ready(Result<std::string> name) {
    if (!stream) return;
    if (!name) return end(std::move(name.error().message), gs_control::TerminationCode::EncoderFailed);
    encoder = std::move(*name);
    const rtsp::VideoConfig& video = request.config.video;
    spdlog::info("{} at {}: {}x{}@{} by {}, {} kbit/s, packets of {}, FEC {} %, encrypted:{}{}{}", request.client_name,
                 request.peer.to_string(), video.width, video.height, video.refresh_millihertz / 1000.0, encoder,
                 video.bitrate_kbps, video.packet_size, video.fec_percentage,
                 request.config.encryption.control ? " control" : "", request.config.encryption.video ? " video" : "",
                 request.config.encryption.audio ? " sound" : "");
    stream->begin(std::move(video_sink), std::move(sound_sink));
}

void MoonlightSession::State::on_message(const gs_control::ClientMessage& message) {
    heard = SteadyClock::now();
    std::visit(Overloaded{[&](const gs_control::RequestIdr& asked) {
                              losses.on(asked);
                              stream->request_keyframe();
                          },
                          [&](const gs_control::FrameFecStatus& status) { losses.on(status); },
                          [&](const gs_control::InvalidateFrames& lost) { on_lost_frames(lost); },
                          [&](const gs_control::Input& packets) { on_input(packets.packets); }, [](const auto&) {}},
               message);
}

// Clients repeat the range, and let it grow, until a clean picture has come: one that is newer than all of it has been
// sent already.
void MoonlightSession::State::on_lost_frames(const gs_control::InvalidateFrames& lost) {
    losses.on(lost);
    if (controls->last_keyframe <= lost.last) stream->request_keyframe();
}

void MoonlightSession::State::on_input(ByteView packets) {
    while (!packets.empty()) {
        const auto event = gs_control::take_input(packets);
        if (event) {
            input.take(*event);
            pads->take(*event);
        } else if (bad_input++ == 0) {
            spdlog::warn("{}: input: {}; not said again", request.client_name, event.error().message);
        }
    }
}

void MoonlightSession::State::tick() {
    if (!stream) return;
    const auto now = SteadyClock::now();
    if (heard == SteadyClock::time_point{} ? now - started > kConnectWait : now - heard > kSilence) {
        return end(heard == SteadyClock::time_point{} ? "the client never connected to the control port"
                                                      : "nothing was heard of the client for 10 s");
    }
    adapt(now);
    timer.expires_after(kTick);
    timer.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
        const auto self = weak.lock();
        if (!cancelled && self) self->tick();
    });
}

void MoonlightSession::State::adapt(SteadyClock::time_point now) {
    const uint64_t sent = controls->packets - packets_seen;
    if (sent < kEnoughPackets) return;
    packets_seen += sent;
    const auto [packets, recovered, pictures] = losses.take();
    packets_lost += std::min(packets, sent);
    packets_recovered += std::min(recovered, sent);
    loss_ppm = static_cast<uint32_t>(std::min(packets, sent) * 1'000'000 / sent);
    if (const auto kbps = backoff.observe(loss_ppm, pictures, now)) {
        spdlog::info("{}: {:.1f} % lost, {} pictures: {} kbit/s", request.client_name, loss_ppm / 1e4, pictures, *kbps);
        policy->set_bitrate(*kbps, now);
    }
    // A block is one picture, often of a few packets, and what its parity has to cover varies the more.
    policy->loss_reported(
        static_cast<uint32_t>(std::min<uint64_t>(
            kSmallBlocks * uint64_t{loss_ppm} + kPictureForParityPpm * uint64_t{pictures}, 1'000'000)),
        now);
}

void MoonlightSession::State::stop(std::optional<gs_control::TerminationCode> code) {
    if (!stream) return;
    timer.cancel();
    // For a client that has seen no picture a graceful end is an error of another kind (spec §8.6).
    if (code == gs_control::TerminationCode::Graceful && controls->last_frame == 0) code.reset();
    if (code && control) control->send(gs_control::Termination{*code});
    pads->detach();
    control.reset();
    stream->stop();
    context.reaper.take(std::move(stream), std::move(pads));
}

void MoonlightSession::State::end(std::string why, std::optional<gs_control::TerminationCode> code) {
    if (!stream) return;
    spdlog::info("{}: the session is over: {}", request.client_name, why);
    stop(code);
    boost::asio::post(context.io, [self = shared_from_this(), why = std::move(why)]() mutable {
        if (const auto tell = std::exchange(self->ended, nullptr)) tell(std::move(why));
    });
}

MoonlightSession::MoonlightSession(std::shared_ptr<State> state) : state_(std::move(state)) {}

MoonlightSession::~MoonlightSession() {
    state_->ended = nullptr;
    state_->stop(std::nullopt);
}

Result<std::unique_ptr<MoonlightSession>> MoonlightSession::start(const SessionContext& context,
                                                                  stream::PipelineParts parts, SessionRequest request,
                                                                  std::shared_ptr<LivePads> pads,
                                                                  std::function<void(std::string why)> ended) {
    auto state = std::make_shared<State>(context, std::move(request), std::move(pads), std::move(ended));
    if (auto opened = state->open(std::move(parts)); !opened) return std::unexpected(opened.error());
    return std::unique_ptr<MoonlightSession>(new MoonlightSession(std::move(state)));
}

void MoonlightSession::terminate(gs_control::TerminationCode code) {
    state_->ended = nullptr;
    state_->stop(code);
}

void MoonlightSession::set_rights(const devices::Rights& rights) {
    state_->rights = rights;
    if (state_->stream) state_->stream->set_rights(rights);
    if (state_->pads) state_->pads->allow(rights.controllers);
}

Result<void> MoonlightSession::request_keyframe() {
    if (!state_->stream || state_->controls->last_frame == 0)
        return fail(ErrorCode::Closed, "the session does not stream yet");
    state_->stream->request_keyframe();
    return {};
}

void MoonlightSession::take_thumbnail(stream::ThumbnailRequests::Done done) {
    if (!state_->stream) return done(fail(ErrorCode::Closed, "the session is over"));
    state_->stream->take_thumbnail(std::move(done));
}

SessionStatus MoonlightSession::status() const {
    const rtsp::VideoConfig& video = state_->request.config.video;
    SessionStatus status{.client = state_->request.client_name,
                         .peer = state_->request.peer,
                         .mode = {video.width, video.height, (video.refresh_millihertz + 500) / 1000},
                         .encoder = state_->encoder,
                         .streaming = state_->controls->last_frame != 0,
                         .bitrate_kbps = state_->encoder_kbps,
                         .fec_percent = state_->controls->fec_percent,
                         .loss_percent = {},
                         .stream = {},
                         .codec = encoder_codec(video.codec),
                         .packet_bytes = static_cast<uint32_t>(video.packet_size),
                         .min_fec_packets = static_cast<uint32_t>(video.min_parity_packets),
                         .packets_lost = {},
                         .packets_recovered = {},
                         .round_trip = state_->control ? state_->control->round_trip() : std::nullopt,
                         .started = state_->began,
                         .rights = state_->rights,
                         .fingerprint = {},
                         .app = {}};
    if (state_->stream) status.stream = state_->stream->stats();
    if (state_->request.config.reports_fec_status) {
        status.loss_percent = state_->loss_ppm / 1e4;
        status.packets_lost = state_->packets_lost;
        status.packets_recovered = state_->packets_recovered;
    }
    return status;
}

}  // namespace punktfunk::moonlight
