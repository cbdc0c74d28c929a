// A connection's streaming half: from the display that is there to the pictures, sounds and controllers of its session.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "gamepad_feedback.hpp"
#include "native_connection.hpp"
#include "native_video_sink.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/wire/datagram.hpp"

namespace punktfunk::native {

using namespace std::chrono_literals;
using quic::CloseCode;

namespace {

constexpr auto kStartWait = 10s;
// How long a client whose machine says that nobody listens for video any more has to show that it is alive.
constexpr auto kRefusedPatience = 1000ms;
constexpr auto kRefusedPing = 100ms;
constexpr uint16_t kShardPayload = 1408;  // 1408 + 40 + 24 fills an IPv4 packet of 1500 bytes exactly
constexpr uint16_t kMaxDataPerBlock = 4096;

Result<net::Endpoint> endpoint_of(const boost::asio::ip::address& address, uint16_t port) {
    return net::Endpoint::parse(address.to_string(), port);
}

}  // namespace

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
                        self->context_.tell_change();
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
                    [this](uint32_t kbps) {
                        encoder_kbps_ = kbps;
                        session_->set_bitrate(kbps);
                    });
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
    context_.tell_change();
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
    gamepads_->allow(rights_.controllers);
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

}  // namespace punktfunk::native
