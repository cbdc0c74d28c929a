#include "native_client_state.hpp"

#include <fcntl.h>
#include <pthread.h>

#include "close_error.hpp"

namespace punktfunk::client {

using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr size_t kClockRounds = 8;
constexpr auto kClockWait = 2s;
constexpr auto kPollInterval = 100ms;
constexpr auto kUsualWelcome = 3s;  // a host that takes longer waits for somebody
constexpr auto kRateAnswer = 3s;

using TimePoint = SteadyClock::time_point;

Result<session::SessionConfig> data_plane_of(const wire::Welcome& welcome) {
    if (welcome.mode.width == 0 || welcome.mode.height == 0 || welcome.mode.refresh_hz == 0)
        return fail(ErrorCode::ProtocolViolation, "the host's Welcome names no mode");
    session::SessionConfig config{.scheme = welcome.fec_scheme == 1 ? fec::Scheme::Gf16 : fec::Scheme::Gf8,
                                  .fec_percent = welcome.fec_percent,
                                  .max_data_per_block = welcome.max_data_per_block,
                                  .shard_payload = welcome.shard_payload,
                                  .encrypt = welcome.encrypt,
                                  .key = {welcome.key, welcome.salt}};
    if (auto valid = config.validate(); !valid)
        return std::unexpected(Error{ErrorCode::ProtocolViolation, "the host's Welcome: " + valid.error().message});
    return config;
}

}  // namespace

void NativeClient::State::watch_cancel() {
    if (options.cancel_fd < 0) return;
    const int own = ::fcntl(options.cancel_fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) return;
    cancel.assign(own);
    cancel.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code stopped) {
        if (!stopped) end({ErrorCode::Closed, "interrupted"});
    });
}

void NativeClient::State::open() {
    watch_cancel();
    quic::Connection::Handlers handlers{.established =
                                            [this] {
                                                phase = Phase::AwaitWelcome;
                                                introduce();
                                                connection->send_message(wire::encode(options.hello));
                                            },
                                        .message = [this](const Bytes& payload) { on_message(payload); },
                                        .stream_end = {},
                                        .datagram = [this](ByteView datagram) { on_datagram(datagram); },
                                        .closed = [this](const quic::CloseInfo& info) { end(error_of(info)); }};
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(options.host, ec);
    auto parsed = net::Endpoint::parse(options.host, options.port);
    if (ec || !parsed) return end({ErrorCode::InvalidArgument, fmt::format("'{}' is not an IP address", options.host)});
    host = *parsed;
    auto made = quic::connect(io,
                              {.remote = {address, options.port},
                               .identity = options.identity,
                               .pin = options.pin,
                               .handshake_timeout = options.timeout},
                              std::move(handlers));
    if (!made) return end(std::move(made.error()));
    connection = std::move(*made);
}

void NativeClient::State::on_message(ByteView payload) {
    if (phase == Phase::AwaitWelcome) return on_welcome(payload);
    if (const auto message = wire::decode_typed(payload)) on_typed(*message);
}

void NativeClient::State::on_welcome(ByteView payload) {
    auto decoded = wire::decode_welcome(payload);
    if (!decoded) return give_up(std::move(decoded.error()));
    auto config = data_plane_of(*decoded);
    if (!config) return give_up(std::move(config.error()));
    welcome = *decoded;
    if (const auto peer = connection->peer_fingerprint()) fingerprint = *peer;

    const auto any = net::Endpoint::parse(host.storage.ss_family == AF_INET6 ? "::" : "0.0.0.0", 0);
    auto socket = net::UdpSocket::bind(*any);
    if (!socket) return give_up(std::move(socket.error()));
    const auto local = socket->local_endpoint();
    if (!local) return give_up(Error(local.error()));
    receive_buffer_bytes = socket->buffers().receive;
    net::Endpoint data = host;
    data.set_port(welcome.udp_port);
    auto receiver = session::VideoReceiver::create(*config, std::move(*socket), data,
                                                   (options.hello.video_caps & wire::kCapProbeSequence) != 0);
    if (!receiver) return give_up(std::move(receiver.error()));

    connection->send_message(wire::encode(wire::Start{local->port()}));
    {
        const std::lock_guard lock(mutex);
        mode = welcome.mode;
        bitrate_kbps = welcome.bitrate_kbps;
    }
    if (welcome.tail) {
        feedback.emplace(SteadyClock::now());
        if (options.follow_path) feedback->follow_path(bitrate_kbps, *options.follow_path, SteadyClock::now());
    }
    // The punch must not wait for the clocks.
    receive = std::jthread([this, receiver = std::move(*receiver)](const std::stop_token& stop) mutable {
        contained([&] { run_receive(stop, receiver); });
    });
    pthread_setname_np(receive.native_handle(), "pf-receive");
    phase = Phase::ClockSync;
    probe_clock();
}

void NativeClient::State::probe_clock() {
    connection->send_message(wire::encode(wire::TypedMessage{wire::ClockProbe{realtime_ns()}}));
    clock_timer.expires_after(kClockWait);
    clock_timer.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) finish_clock_sync();
    });
}

void NativeClient::State::finish_clock_sync() {
    if (phase != Phase::ClockSync) return;
    phase = Phase::Ready;
    clock_timer.cancel();
    cancel.close();
    const std::lock_guard lock(mutex);
    clock = wire::best_estimate(samples);
    ready = true;
    changed.notify_all();
}

void NativeClient::State::on_typed(const wire::TypedMessage& message) {
    if (const auto* echo = std::get_if<wire::ClockEcho>(&message); echo != nullptr && phase == Phase::ClockSync) {
        samples.push_back({echo->t1_ns, echo->t2_ns, echo->t3_ns, realtime_ns()});
        if (samples.size() == kClockRounds) return finish_clock_sync();
        probe_clock();
    } else if (const auto* answer = std::get_if<wire::Reconfigured>(&message)) {
        const std::lock_guard lock(mutex);
        mode = answer->mode;  // a refusal carries the mode that stays
    } else if (const auto* gap = std::get_if<wire::PipelineGap>(&message)) {
        const std::lock_guard lock(mutex);
        ++gaps.count;
        gaps.longest_ms = std::max(gaps.longest_ms, gap->ms);
    } else if (const auto* rate = std::get_if<wire::BitrateChanged>(&message)) {
        const std::lock_guard lock(mutex);
        bitrate_kbps = rate->kbps;
        ++rate_answers;
    } else if (const auto* result = std::get_if<wire::ProbeResult>(&message)) {
        const std::lock_guard lock(mutex);
        probe.host_finished(*result);
    }
}

void NativeClient::State::on_datagram(ByteView datagram) {
    const auto decoded = wire::decode_host_datagram(datagram);
    if (!decoded) return;
    if (const auto* packet = std::get_if<wire::AudioPacket>(&*decoded)) {
        if (audio.admit()) audio.push({Bytes(packet->opus.begin(), packet->opus.end()), packet->seq, packet->pts_ns});
    } else if (const auto* state = std::get_if<wire::Rumble>(&*decoded)) {
        if (rumble.admit()) rumble.push(*state);
    } else if (const auto* output = std::get_if<wire::HidOutput>(&*decoded)) {
        if (hid.admit()) hid.push(*output);
    } else {
        const auto& timing = std::get<wire::HostTiming>(*decoded);
        const std::lock_guard lock(mutex);
        timings[next_timing++ % kTimings] = {timing.pts_ns,    timing.host_us, timing.queue_us,
                                             timing.encode_us, timing.pace_us, timing.detailed};
    }
}

void NativeClient::State::run_receive(const std::stop_token& stop, session::VideoReceiver& receiver) {
    while (!stop.stop_requested()) {
        auto polled =
            receiver.poll(kPollInterval, wake.get(), [this](session::Frame frame) { store(std::move(frame)); });
        {
            const std::lock_guard lock(mutex);
            stats = receiver.stats();
            probe.packets_arrived(receiver.filler());
        }
        if (!polled) return end(std::move(polled.error()));
        if (feedback) give_feedback(receiver);
    }
}

void NativeClient::State::give_feedback(session::VideoReceiver& receiver) {
    const auto now = SteadyClock::now();
    for (const auto& message : feedback->tick(receiver.meter(), receiver.stats().fec_recovered_shards, now)) {
        if (std::holds_alternative<wire::SetBitrate>(message) && !rate_asked) rate_asked = now;
        (void)send(message);
    }
    if (!rate_asked || now - *rate_asked < kRateAnswer) return;
    const std::lock_guard lock(mutex);
    if (rate_answers == 0) feedback->stop_following();
}

void NativeClient::State::store(session::Frame frame) {
    if ((frame.user_flags & session::kFlagProbe) != 0) {
        const std::lock_guard lock(mutex);
        return probe.unit_arrived(frame.data.size(), SteadyClock::now());
    }
    const uint64_t now = realtime_ns();
    if (feedback) feedback->frame(frame.first_packet_ns, frame.pts_ns);
    if (!frames.admit()) return;
    frames.push({std::move(frame.data), frame.frame_index, frame.pts_ns, frame.user_flags, frame.first_packet_ns, now,
                 frame.recovered_shards});
}

Result<void> NativeClient::State::await_ready() {
    std::unique_lock lock(mutex);
    auto deadline = SteadyClock::now() + options.timeout;
    bool asked_to_wait = options.approval_wait <= 0ms;
    while (!ready && !over) {
        const auto now = SteadyClock::now();
        const auto hint_at = introduced ? *introduced + kUsualWelcome : TimePoint::max();
        if (!asked_to_wait && now >= hint_at) {
            asked_to_wait = true;
            deadline = now + options.approval_wait;
            lock.unlock();
            if (options.on_waiting) options.on_waiting();
            lock.lock();
            continue;
        }
        if (now >= deadline) {
            return introduced ? fail(ErrorCode::Timeout,
                                     "{}:{} answers, but has not let this device in: pair with it, or have it approved "
                                     "there (`punktfunk-host pending`)",
                                     options.host, options.port)
                              : fail(ErrorCode::Timeout, "{}:{} did not answer in {} ms", options.host, options.port,
                                     options.timeout.count());
        }
        changed.wait_until(lock, asked_to_wait ? deadline : std::min(deadline, hint_at));
    }
    if (over) return std::unexpected(*over);
    return {};
}

}  // namespace punktfunk::client
