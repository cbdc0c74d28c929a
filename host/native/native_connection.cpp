#include "native_connection.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "approval.hpp"
#include "gamepad_feedback.hpp"
#include "native_video_sink.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/wire/datagram.hpp"
#include "punktfunk/wire/device_name.hpp"

namespace punktfunk::native {

using namespace std::chrono_literals;
using quic::CloseCode;

namespace {

constexpr auto kFirstMessageWait = 10s;
constexpr auto kStartWait = 10s;
constexpr auto kProofWait = 60s;
constexpr auto kGivenUpAfter = quic::kKeepAlive + 2s;  // asked for a sign of life, and two seconds to give it
// How long a client whose machine says that nobody listens for video any more has to show that it is alive.
constexpr auto kRefusedPatience = 1000ms;
constexpr auto kRefusedPing = 100ms;
constexpr uint16_t kShardPayload = 1408;  // 1408 + 40 + 24 fills an IPv4 packet of 1500 bytes exactly
constexpr uint16_t kMaxDataPerBlock = 4096;

Result<net::Endpoint> endpoint_of(const boost::asio::ip::address& address, uint16_t port) {
    return net::Endpoint::parse(address.to_string(), port);
}

}  // namespace

NativeConnection::NativeConnection(ServerContext& context, std::shared_ptr<quic::Connection> connection)
    : context_(context), connection_(std::move(connection)), timer_(context.io), refusal_timer_(context.io) {}

void NativeConnection::start() {
    auto self = shared_from_this();
    connection_->set_handlers({.established = {},
                               .message = [self](const Bytes& payload) { self->on_message(payload); },
                               .stream_end = {},  // not the end of the session (§1.6)
                               .datagram = [self](ByteView datagram) { self->on_datagram(datagram); },
                               .closed = [self](const quic::CloseInfo& info) { self->on_closed(info); },
                               .moved = [self](const auto& remote) { self->on_moved(remote); }});
    arm_timer(kFirstMessageWait, {CloseCode::SetupFailed, "waited too long for a first message"});
}

void NativeConnection::arm_timer(std::chrono::milliseconds timeout, Refusal refusal) {
    timer_.expires_after(timeout);
    timer_.async_wait([self = shared_from_this(), refusal = std::move(refusal)](boost::system::error_code cancelled) {
        if (!cancelled) self->refuse(refusal);
    });
}

void NativeConnection::refuse(const Refusal& refusal) {
    if (phase_ == Phase::Over) return;
    spdlog::info("{} at {}: refused: {}", name_, connection_->remote().address().to_string(), refusal.reason);
    release_session(refusal.reason);
    phase_ = Phase::Over;
    timer_.cancel();
    refusal_timer_.cancel();
    connection_->close(refusal.code, refusal.reason);
}

void NativeConnection::release_session(std::string_view why) {
    if (timings_ != nullptr) std::exchange(timings_, nullptr)->close();
    if (sound_ != nullptr) std::exchange(sound_, nullptr)->close();
    if (session_ == nullptr) return;
    const auto stats = session_->stats();
    spdlog::info("{}: session over ({}): {} frames encoded, {} keyframes, {} MB", name_, why, stats.frames_encoded,
                 stats.keyframes, stats.bytes / 1'000'000);
    if (gamepads_ != nullptr) gamepads_->close();
    context_.reaper.take(std::move(session_), std::move(gamepads_));
}

SessionInfo NativeConnection::info() const {
    return {name_, encoder_, mode_, session_ ? session_->stats() : stream::StreamStats{}};
}

void NativeConnection::on_message(ByteView payload) {
    switch (phase_) {
        case Phase::AwaitFirst:
            return on_first(payload);
        case Phase::Pairing: {
            const auto message = wire::decode_typed(payload);
            const auto* proof = message ? std::get_if<wire::PairProof>(&*message) : nullptr;
            if (proof == nullptr) return refuse({CloseCode::Denied, "expected the pairing proof"});
            timer_.cancel();
            auto ceremony = std::exchange(ceremony_, nullptr);
            const bool ok = ceremony != nullptr && ceremony->verify(*proof);
            if (ok) {
                context_.window.succeeded();
                if (auto added = context_.paired.add(ceremony->client()); !added)
                    return refuse({CloseCode::SetupFailed,
                                   "the PIN was right, but the host cannot remember it: " + added.error().message});
                spdlog::info("paired {} ({})", name_, to_hex(ceremony->client().fingerprint));
                let_in(context_, ceremony->client().fingerprint);
            } else {
                spdlog::warn("{}: wrong PIN", name_);
            }
            send(wire::encode(wire::TypedMessage{wire::PairResult{ok}}));
            connection_->finish_stream();
            phase_ = Phase::AwaitStart;  // nothing more is expected but the peer's close
            timer_.expires_after(5s);
            timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
                if (!cancelled) self->connection_->close(CloseCode::Ok, "pairing done");
            });
            return;
        }
        case Phase::AwaitStart:
            if (session_ != nullptr) on_start(payload);
            return;
        case Phase::Streaming:
            return on_control(payload);
        case Phase::Waiting:
        case Phase::Building:
        case Phase::Over:
            return;
    }
}

void NativeConnection::on_first(ByteView payload) {
    timer_.cancel();
    if (const auto message = wire::decode_typed(payload)) {
        const auto* request = std::get_if<wire::PairRequest>(&*message);
        if (request == nullptr)
            return refuse({CloseCode::SetupFailed, "the first message must be Hello or PairRequest"});
        const auto pin = context_.window.begin(SteadyClock::now());
        if (!pin) {
            return pin.error() == PairingWindow::Refused::NotArmed
                       ? refuse({CloseCode::PairingNotArmed,
                                 "pairing is not armed: run `punktfunk-host pair` on the host"})
                       : refuse({CloseCode::PairingRateLimited, "another pairing was just tried; wait two seconds"});
        }
        const auto fingerprint = connection_->peer_fingerprint();
        if (!fingerprint) return refuse({CloseCode::IdentityRequired, "pairing needs a client certificate"});
        name_ = wire::sanitize_device_name(request->name, *fingerprint);
        ceremony_ = std::make_unique<PairingCeremony>(*pin, *fingerprint, context_.config.identity.fingerprint, name_);
        context_.window.guessed();
        auto challenge = ceremony_->challenge(*request);
        if (!challenge) {
            ceremony_.reset();
            return refuse(challenge.error());
        }
        phase_ = Phase::Pairing;
        arm_timer(kProofWait, {CloseCode::SetupFailed, "waited too long for the pairing proof"});
        return send(wire::encode(wire::TypedMessage{*challenge}));
    }
    auto hello = wire::decode_hello(payload);
    if (!hello) return refuse({CloseCode::SetupFailed, hello.error().message});
    on_hello(*hello);
}

void NativeConnection::on_hello(const wire::Hello& hello) {
    const auto fingerprint = connection_->peer_fingerprint();
    if (fingerprint) name_ = wire::sanitize_device_name(hello.name.value_or(""), *fingerprint);
    const PairedClient* paired = fingerprint ? context_.paired.find(*fingerprint) : nullptr;
    if (paired != nullptr && !hello.name) name_ = paired->name;
    if (context_.config.require_pairing && paired == nullptr) return on_stranger(hello);
    auto terms = negotiate(hello, context_.encoders);
    if (!terms) return refuse(terms.error());

    // The same device coming back must not wait for its own dead session.
    const auto others = context_.connections;  // refusing may take one out of the list
    for (const auto& other : others) {
        if (other.get() != this && fingerprint && other->fingerprint() == fingerprint && other->holds_session()) {
            other->refuse({CloseCode::Ok, "the same device has connected again"});
        }
    }
    if (context_.config.max_concurrent != 0 && context_.streaming_count() >= context_.config.max_concurrent)
        make_room();
    if (context_.config.max_concurrent != 0 && context_.streaming_count() >= context_.config.max_concurrent) {
        return refuse(
            {CloseCode::Busy, fmt::format("all {} sessions of this host are in use", context_.config.max_concurrent)});
    }
    // A session that is over still has its desktop for a while: a client that comes and goes must not pile them up.
    if (context_.config.max_concurrent != 0 &&
        context_.streaming_count() + context_.reaper.pending() >= 2 * context_.config.max_concurrent) {
        return refuse({CloseCode::Busy, "earlier sessions are still being taken down: try again in a moment"});
    }
    terms_ = *terms;
    mode_ = terms_->mode;
    video_caps_ = hello.video_caps;
    sends_tail_ = hello.tail.has_value();
    gamepad_ = resolve_gamepad(hello.gamepad, context_.config.gamepad);
    may_speak_ = paired != nullptr;
    phase_ = Phase::Building;
    spdlog::info("{} at {}: asks for {}x{}@{}, {} kbit/s", name_, connection_->remote().address().to_string(),
                 mode_.width, mode_.height, mode_.refresh_hz, terms_->bitrate_kbps);
    session_ = std::make_unique<stream::StreamSession>(
        context_.parts,
        stream::StreamConfig{.mode = mode_,
                             .codec = terms_->codec,
                             .bitrate_kbps = terms_->bitrate_kbps,
                             .more_slices = !terms_->single_slice,
                             .label = name_,
                             .max_unit_bytes = max_unit_bytes(terms_->bitrate_kbps, mode_.refresh_hz)},
        callbacks());
}

// A client that is there is heard of every few seconds; the place of one that is not goes to one that is.
void NativeConnection::make_room() {
    std::shared_ptr<NativeConnection> quietest;
    for (const auto& other : context_.connections) {
        if (!other->holds_session() || other->connection_->silent_for() < kGivenUpAfter) continue;
        if (!quietest || other->connection_->silent_for() > quietest->connection_->silent_for()) quietest = other;
    }
    if (quietest) quietest->refuse({CloseCode::Busy, "its place was needed, and nothing was heard of it any more"});
}

void NativeConnection::on_stranger(const wire::Hello& hello) {
    const auto fingerprint = connection_->peer_fingerprint();
    if (!fingerprint) {
        return refuse(
            {CloseCode::IdentityRequired, "this host requires pairing, and the client showed no certificate"});
    }
    const uint32_t id = context_.knocks.record(*fingerprint, name_, SteadyClock::now(), [&](const auto& device) {
        return is_waiting_for_approval(context_, device);
    });
    // A client of the first generation gives up soon and takes a late Welcome for none: it asks again once approved.
    if (!hello.tail)
        return refuse({CloseCode::Denied, fmt::format("this device is not paired; its request is {}", id)});
    bound_waiting(context_, *this);
    spdlog::info("{} at {} is not paired and waits: `punktfunk-host approve {}` lets it in, `deny {}` does not", name_,
                 connection_->remote().address().to_string(), id, id);
    waiting_hello_ = hello;
    phase_ = Phase::Waiting;
    arm_timer(PendingKnocks::kTtl, {CloseCode::ApprovalTimedOut, "nobody has approved this device"});
}

void NativeConnection::resume() {
    if (phase_ != Phase::Waiting) return;
    timer_.cancel();
    phase_ = Phase::AwaitFirst;
    on_hello(*std::exchange(waiting_hello_, std::nullopt));
}

stream::StreamCallbacks NativeConnection::callbacks() {
    // Called on the session's threads: hop to the control thread.
    auto on_control_thread = [weak = weak_from_this(), &io = context_.io](auto member, auto... values) {
        boost::asio::post(io, [weak, member, ... values = std::move(values)]() mutable {
            if (auto self = weak.lock(); self && self->phase_ != Phase::Over)
                (self.get()->*member)(std::move(values)...);
        });
    };
    return {.ready = [=](Result<std::string> name) { on_control_thread(&NativeConnection::on_ready, std::move(name)); },
            .ended =
                [=](Error reason) {
                    on_control_thread(&NativeConnection::refuse, Refusal{CloseCode::Failed, std::move(reason.message)});
                },
            .mode_changed =
                [weak = weak_from_this(), &io = context_.io](bool accepted, display::Mode mode) {
                    boost::asio::post(io, [weak, accepted, mode] {
                        auto self = weak.lock();
                        if (!self || self->phase_ == Phase::Over) return;
                        self->mode_ = mode;
                        self->send(wire::encode(wire::TypedMessage{
                            wire::Reconfigured{accepted, {mode.width, mode.height, mode.refresh_hz}}}));
                    });
                },
            .gap = [=](std::chrono::milliseconds gap) { on_control_thread(&NativeConnection::on_gap, gap); }};
}

void NativeConnection::on_ready(Result<std::string> encoder_name) {
    if (!encoder_name) return refuse({CloseCode::SetupFailed, encoder_name.error().message});
    encoder_ = *encoder_name;
    auto socket = bind_data_socket();
    auto bound = socket ? socket->local_endpoint() : Result<net::Endpoint>(std::unexpected(socket.error()));
    if (!bound) return refuse({CloseCode::SetupFailed, "no port for the video: " + bound.error().message});
    socket_ = std::move(*socket);
    warn_of_small_buffer(socket_->buffers().send);

    data_plane_ = session::SessionConfig{.scheme = fec::Scheme::Gf16,
                                         .fec_percent = context_.config.fec_percent,
                                         .max_data_per_block = kMaxDataPerBlock,
                                         .shard_payload = kShardPayload,
                                         .encrypt = true,
                                         .key = crypto::random_session_key()};
    wire::Welcome welcome{.udp_port = bound->port(),
                          .mode = {mode_.width, mode_.height, mode_.refresh_hz},
                          .fec_scheme = 1,
                          .fec_percent = context_.config.fec_percent,
                          .max_data_per_block = kMaxDataPerBlock,
                          .shard_payload = kShardPayload,
                          .encrypt = true,
                          .key = data_plane_->key.key,
                          .salt = data_plane_->key.salt,
                          .compositor = wire::Compositor::Wlroots,
                          .gamepad = gamepad_,
                          .bitrate_kbps = terms_->bitrate_kbps};
    if (sends_tail_) {
        welcome.tail.emplace();
        welcome.tail->codec = wire_codec(terms_->codec);
        welcome.tail->host_caps = wire::kHostCapGamepadState | wire::kHostCapText;
    }
    send(wire::encode(welcome));
    phase_ = Phase::AwaitStart;
    arm_timer(kStartWait, {CloseCode::SetupFailed, "waited too long for Start"});
}

void NativeConnection::on_gap(std::chrono::milliseconds gap) {
    const auto ms = static_cast<uint32_t>(std::min<int64_t>(gap.count(), UINT32_MAX));
    if (phase_ == Phase::Streaming) send(wire::encode(wire::TypedMessage{wire::PipelineGap{ms}}));
}

void NativeConnection::warn_of_small_buffer(size_t granted) {
    if (granted >= net::UdpSocket::kWantedBuffer || std::exchange(context_.warned_of_buffer, true)) return;
    spdlog::warn(
        "the kernel grants {} KiB of buffer for sending video; less than {} MiB loses packets at high rates: "
        "sysctl -w net.core.wmem_max=33554432",
        granted >> 10, net::UdpSocket::kWantedBuffer >> 20);
}

// With a configured first port, the next free one of as many as there may be sessions (or connections, without a
// limit).
Result<net::UdpSocket> NativeConnection::bind_data_socket() const {
    const uint16_t first = context_.config.data_port;
    const size_t sessions =
        context_.config.max_concurrent != 0 ? context_.config.max_concurrent : quic::ServerConfig{}.max_connections;
    const size_t tries = first == 0 ? 1 : std::min<size_t>(sessions, UINT16_MAX + 1 - first);
    Result<net::UdpSocket> socket = fail(ErrorCode::Exhausted, "no port tried");
    for (size_t i = 0; i < tries && !socket; ++i) {
        auto local = endpoint_of(connection_->local().address(), static_cast<uint16_t>(first + i));
        if (!local) return std::unexpected(local.error());
        socket = net::UdpSocket::bind(*local);
    }
    return socket;
}

void NativeConnection::on_start(ByteView payload) {
    const auto start = wire::decode_start(payload);
    if (!start) return refuse({CloseCode::SetupFailed, start.error().message});
    timer_.cancel();
    auto announced = endpoint_of(connection_->remote().address(), start->client_udp_port);
    if (!announced) return refuse({CloseCode::SetupFailed, announced.error().message});

    if ((video_caps_ & wire::kCapHostTiming) != 0) {
        if (auto opened = open_timings(); !opened)
            spdlog::warn("{}: no frame timings: {}", name_, opened.error().message);
    }
    open_gamepads();
    if (auto opened = open_sound(); !opened) spdlog::warn("{}: no sound: {}", name_, opened.error().message);
    policy_.emplace(terms_->bitrate_kbps, rate::FecController(context_.config.fec_percent), controls_,
                    [this](uint32_t kbps) { session_->set_bitrate(kbps); });
    session_->begin(
        std::make_unique<NativeVideoSink>(SinkSetup{.config = *data_plane_,
                                                    .announced = *announced,
                                                    .route = route_,
                                                    .controls = controls_,
                                                    .probe_numbers = (video_caps_ & wire::kCapProbeSequence) != 0},
                                          std::move(*socket_), sink_events()),
        sound_ ? std::make_unique<NativeSoundSink>(sound_) : nullptr);
    socket_.reset();
    phase_ = Phase::Streaming;
    spdlog::info("{}: streaming {}x{}@{}, {} by {}, {} kbit/s, FEC GF(2^16) {} %", name_, mode_.width, mode_.height,
                 mode_.refresh_hz, encode::to_string(terms_->codec), encoder_, terms_->bitrate_kbps,
                 context_.config.fec_percent);
}

SinkEvents NativeConnection::sink_events() {
    return {.sent =
                [timings = timings_](const FrameTiming& timing) {
                    if (timings) timings->push([&](FrameTiming& slot) { slot = timing; });
                },
            .refused =
                [weak = weak_from_this(), &io = context_.io] {
                    boost::asio::post(io, [weak] {
                        if (auto self = weak.lock()) self->on_refused();
                    });
                },
            .burst_over =
                [weak = weak_from_this(), &io = context_.io](const wire::ProbeResult& result) {
                    boost::asio::post(io, [weak, result] {
                        if (auto self = weak.lock()) self->on_burst_over(result);
                    });
                }};
}

// A refusal alone ends nothing (§4.1): a client may open its socket late, and anybody can send an ICMP. But a client
// that was killed would keep its display until QUIC's idle timeout.
void NativeConnection::on_refused() {
    if (phase_ != Phase::Streaming || std::exchange(checking_refusal_, true)) return;
    connection_->set_keep_alive(kRefusedPing);
    refusal_timer_.expires_after(kRefusedPatience);
    refusal_timer_.async_wait(
        [self = shared_from_this(), asked = SteadyClock::now()](boost::system::error_code cancelled) {
            if (cancelled || self->phase_ != Phase::Streaming) return;
            self->checking_refusal_ = false;
            if (self->connection_->last_heard() < asked)
                return self->refuse({CloseCode::Failed, "the client no longer listens"});
            self->connection_->set_keep_alive(quic::kKeepAlive);
        });
}

void NativeConnection::on_probe_request(const wire::ProbeRequest& request) {
    // A client that has the tail but no numbering for filler would take a burst for lost frames (§11.2).
    const bool understood = !sends_tail_ || (video_caps_ & wire::kCapProbeSequence) != 0;
    const auto fingerprint = connection_->peer_fingerprint();
    const std::string who = fingerprint ? to_hex(*fingerprint) : connection_->remote().address().to_string();
    const auto granted =
        understood && !probing_ ? context_.probe_budget.grant(who, request, SteadyClock::now()) : wire::ProbeRequest{};
    if (granted.duration_ms == 0) {
        if (!std::exchange(has_declined_probe_, true)) {  // a line a session, however often it asks
            spdlog::info("{}: declined a speed test of {} kbit/s for {} ms", name_, request.target_kbps,
                         request.duration_ms);
        }
        return send(wire::encode(wire::TypedMessage{wire::ProbeResult{}}));
    }
    probing_ = true;
    controls_->request_burst(granted);
}

void NativeConnection::on_burst_over(const wire::ProbeResult& result) {
    if (phase_ != Phase::Streaming) return;
    probing_ = false;
    send(wire::encode(wire::TypedMessage{result}));
}

Result<void> NativeConnection::open_timings() {
    auto channel = TimingChannel::open(context_.io, [weak = weak_from_this()](const FrameTiming& timing) {
        auto self = weak.lock();
        if (!self || self->phase_ == Phase::Over) return;
        (void)self->connection_->send_datagram(wire::encode(wire::HostTiming{.pts_ns = timing.pts_ns,
                                                                             .host_us = timing.total_us,
                                                                             .detailed = true,
                                                                             .queue_us = timing.queue_us,
                                                                             .encode_us = timing.encode_us,
                                                                             .pace_us = timing.pace_us}));
    });
    if (!channel) return std::unexpected(channel.error());
    timings_ = std::move(*channel);
    return {};
}

void NativeConnection::open_gamepads() {
    // Whoever continues Hello as v0.31 does reads rumble as v0.31 sends it.
    const auto kind = gamepad_ == wire::Gamepad::DualSense ? gamepad::Kind::DualSense : gamepad::Kind::Xbox360;
    GamepadFeedback feedback(sends_tail_, [connection = std::weak_ptr(connection_)](const Bytes& datagram) {
        if (const auto to = connection.lock()) (void)to->send_datagram(datagram);
    });
    gamepads_ = std::make_unique<gamepad::GamepadChannel>(context_.io, kind, name_, std::move(feedback));
}

Result<void> NativeConnection::open_sound() {
    auto channel = SoundChannel::open(context_.io, [weak = weak_from_this()](const SoundDatagram& datagram) {
        auto self = weak.lock();
        if (!self || self->phase_ == Phase::Over) return;
        (void)self->connection_->send_datagram(ByteView(datagram.bytes).first(datagram.size));
    });
    if (!channel) return std::unexpected(channel.error());
    sound_ = std::move(*channel);
    return {};
}

void NativeConnection::on_control(ByteView payload) {
    const uint64_t received_ns = realtime_ns();
    const auto message = wire::decode_typed(payload);
    if (!message) return spdlog::debug("{}: ignored a control message of {} bytes", name_, payload.size());
    if (const auto* clock = std::get_if<wire::ClockProbe>(&*message)) {
        send(wire::encode(wire::TypedMessage{wire::ClockEcho{clock->t1_ns, received_ns, realtime_ns()}}));
    } else if (std::holds_alternative<wire::RequestKeyframe>(*message) ||
               std::holds_alternative<wire::RfiRequest>(*message)) {
        session_->request_keyframe();
    } else if (const auto* change = std::get_if<wire::Reconfigure>(&*message)) {
        if (mode_is_valid(change->mode)) {
            session_->reconfigure({change->mode.width, change->mode.height, change->mode.refresh_hz});
        } else {
            send(wire::encode(
                wire::TypedMessage{wire::Reconfigured{false, {mode_.width, mode_.height, mode_.refresh_hz}}}));
        }
    } else if (const auto* rate = std::get_if<wire::SetBitrate>(&*message)) {
        const uint32_t kbps = clamp_bitrate_kbps(rate->kbps);
        policy_->set_bitrate(kbps, SteadyClock::now());
        send(wire::encode(wire::TypedMessage{wire::BitrateChanged{kbps}}));
    } else if (const auto* loss = std::get_if<wire::LossReport>(&*message)) {
        policy_->loss_reported(loss->loss_ppm, SteadyClock::now());
    } else if (const auto* path = std::get_if<wire::PathReport>(&*message)) {
        policy_->path_reported(path->kbps, SteadyClock::now());
    } else if (const auto* probe = std::get_if<wire::ProbeRequest>(&*message)) {
        on_probe_request(*probe);
    }
}

void NativeConnection::on_moved(const boost::asio::ip::udp::endpoint& remote) {
    const auto address = endpoint_of(remote.address(), 0);
    if (!address) return;
    spdlog::info("{}: has moved to {}", name_, remote.address().to_string());
    route_->moved_to(*address);
}

void NativeConnection::on_datagram(ByteView datagram) {
    if (phase_ != Phase::Streaming) return;
    const auto decoded = wire::decode_client_datagram(datagram);
    if (!decoded) return;
    if (const auto* event = std::get_if<wire::InputEvent>(&*decoded)) {
        if (wire::is_gamepad(event->kind)) {
            gamepads_->take(*event);
        } else {
            session_->inject(*event);
        }
    } else if (const auto* rich = std::get_if<wire::RichInput>(&*decoded)) {
        gamepads_->take(*rich);
    } else if (const auto* packet = std::get_if<wire::MicPacket>(&*decoded); packet != nullptr && may_speak_) {
        session_->play_microphone(packet->opus);
    }
}

void NativeConnection::on_closed(const quic::CloseInfo& info) {
    ceremony_.reset();
    release_session(info.idle_timeout     ? "the client vanished"
                    : info.reason.empty() ? "closed"
                                          : std::string_view(info.reason));
    phase_ = Phase::Over;
    timer_.cancel();
    refusal_timer_.cancel();
    std::erase(context_.connections, shared_from_this());
}

}  // namespace punktfunk::native
