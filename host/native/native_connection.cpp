#include "native_connection.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "approval.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/display/kept_desktop.hpp"
#include "punktfunk/stream/parts_on.hpp"
#include "punktfunk/wire/datagram.hpp"
#include "punktfunk/wire/device_name.hpp"

namespace punktfunk::native {

using namespace std::chrono_literals;
using quic::CloseCode;

namespace {

constexpr auto kFirstMessageWait = 10s;
constexpr auto kProofWait = 60s;
constexpr auto kGivenUpAfter = quic::kKeepAlive + 2s;  // asked for a sign of life, and two seconds to give it

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
    if (const auto device = fingerprint()) context_.paired.seen(*device);
    context_.tell_change();
}

void NativeConnection::set_terms(const PairedClient& client) {
    name_ = client.name;
    rights_ = client.terms.rights;
    if (session_ != nullptr) session_->set_rights(rights_);
    if (gamepads_ != nullptr) gamepads_->allow(rights_.controllers);
}

Result<void> NativeConnection::request_keyframe() {
    if (phase_ != Phase::Streaming) return fail(ErrorCode::Closed, "the session does not stream yet");
    session_->request_keyframe();
    return {};
}

SessionInfo NativeConnection::info() const {
    return {.id = session_id_,
            .client_name = name_,
            .encoder = encoder_,
            .app = app_,
            .fingerprint = fingerprint(),
            .address = address(),
            .started = session_started_,
            .streaming = phase_ == Phase::Streaming,
            .mode = mode_,
            .codec = terms_ ? terms_->codec : encode::Codec{},
            .bitrate_kbps = encoder_kbps_,
            .rights = rights_,
            .loss_percent = loss_ppm_ ? std::optional(*loss_ppm_ / 1e4) : std::nullopt,
            .recovered = recovered_,
            .round_trip = connection_->round_trip(),
            .stats = session_ ? session_->stats() : stream::StreamStats{}};
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
                context_.tell_change();
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
    if (paired != nullptr && paired->terms.expired(devices::unix_now())) paired = nullptr;
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
    // Whoever else may look, only paired clients are heard.
    rights_ = paired != nullptr ? paired->terms.rights : devices::Rights{.microphone = false};
    std::optional<display::Program> program;
    if (const std::string launch = hello.launch.value_or(""); !launch.empty()) {
        if (!rights_.launch)
            return refuse({CloseCode::LaunchNotPermitted, "this device may not start anything on this host"});
        if (context_.config.find_program) program = context_.config.find_program(launch);
        if (!program) spdlog::info("{}: there is no '{}' to start here: it gets the desktop", name_, launch);
    }
    if (program) app_ = program->title;
    terms_ = *terms;
    mode_ = terms_->mode;
    video_caps_ = hello.video_caps;
    sends_tail_ = hello.tail.has_value();
    gamepad_ = resolve_gamepad(hello.gamepad, context_.config.gamepad);
    session_id_ = ++context_.sessions_made;
    session_started_ = std::chrono::system_clock::now();
    encoder_kbps_ = terms_->bitrate_kbps;
    phase_ = Phase::Building;
    spdlog::info("{} at {}: asks for {}x{}@{}, {} kbit/s", name_, connection_->remote().address().to_string(),
                 mode_.width, mode_.height, mode_.refresh_hz, terms_->bitrate_kbps);
    session_ = std::make_unique<stream::StreamSession>(
        parts_for(program),
        stream::StreamConfig{.mode = mode_,
                             .codec = terms_->codec,
                             .bitrate_kbps = terms_->bitrate_kbps,
                             .more_slices = !terms_->single_slice,
                             .label = name_,
                             .max_unit_bytes = max_unit_bytes(terms_->bitrate_kbps, mode_.refresh_hz),
                             .rights = rights_},
        callbacks());
    if (paired != nullptr) context_.paired.seen(*fingerprint);
    context_.tell_change();
}

// With a program the desktop is that program's: it fills it, and when it ends there is nothing to stream any more.
stream::PipelineParts NativeConnection::parts_for(const std::optional<display::Program>& program) {
    if (!program) return context_.parts;
    auto ended = [weak = weak_from_this(), &io = context_.io] {
        boost::asio::post(io, [weak] {
            if (const auto self = weak.lock()) self->refuse({CloseCode::GameExited, "what was started has ended"});
        });
    };
    return stream::parts_on(
        context_.parts, std::make_shared<display::KeptDesktop>(
                            *context_.parts.display,
                            display::KeptDesktopOptions{
                                .label = name_, .program = program, .undo = {}, .program_ended = std::move(ended)}));
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
    if (!hello.tail) {
        context_.tell_change();
        return refuse({CloseCode::Denied, fmt::format("this device is not paired; its request is {}", id)});
    }
    bound_waiting(context_, *this);
    spdlog::info("{} at {} is not paired and waits: `punktfunk-host approve {}` lets it in, `deny {}` does not", name_,
                 connection_->remote().address().to_string(), id, id);
    waiting_hello_ = hello;
    phase_ = Phase::Waiting;
    context_.tell_change();
    arm_timer(PendingKnocks::kTtl, {CloseCode::ApprovalTimedOut, "nobody has approved this device"});
}

void NativeConnection::resume() {
    if (phase_ != Phase::Waiting) return;
    timer_.cancel();
    phase_ = Phase::AwaitFirst;
    on_hello(*std::exchange(waiting_hello_, std::nullopt));
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
        loss_ppm_ = loss->loss_ppm;
        policy_->loss_reported(loss->loss_ppm, SteadyClock::now());
    } else if (const auto* path = std::get_if<wire::PathReport>(&*message)) {
        policy_->path_reported(path->kbps, SteadyClock::now());
    } else if (const auto* recovery = std::get_if<wire::RecoveryReport>(&*message)) {
        recovered_ = recovery->shards;
    } else if (const auto* probe = std::get_if<wire::ProbeRequest>(&*message)) {
        on_probe_request(*probe);
    }
}

void NativeConnection::on_moved(const boost::asio::ip::udp::endpoint& remote) {
    const auto address = net::Endpoint::parse(remote.address().to_string(), 0);
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
    } else if (const auto* packet = std::get_if<wire::MicPacket>(&*decoded); packet != nullptr) {
        session_->play_microphone(packet->opus);
    }
}

void NativeConnection::on_closed(const quic::CloseInfo& info) {
    ceremony_.reset();
    release_session(info.idle_timeout     ? "the client vanished"
                    : info.reason.empty() ? "closed"
                                          : std::string_view(info.reason));
    if (phase_ == Phase::Waiting) context_.tell_change();
    phase_ = Phase::Over;
    timer_.cancel();
    refusal_timer_.cancel();
    std::erase(context_.connections, shared_from_this());
}

}  // namespace punktfunk::native
