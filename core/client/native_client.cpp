#include "punktfunk/client/native_client.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "close_error.hpp"
#include "plane_queue.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/client/feedback.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/quic/quic.hpp"
#include "punktfunk/session/video_receiver.hpp"

namespace punktfunk::client {

using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr size_t kFrameQueue = 16, kAudioQueue = 64, kRumbleQueue = 16, kHidQueue = 32;  // §8.10
constexpr size_t kTimings = 512;
constexpr size_t kClockRounds = 8;
constexpr auto kClockWait = 2s;
constexpr auto kPollInterval = 100ms;
constexpr auto kUsualWelcome = 3s;  // a host that takes longer waits for somebody
constexpr auto kRateAnswer = 3s;
constexpr size_t kMostPostedDatagrams = 1024;
constexpr auto kKeyframeSpacing = 5ms;

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

struct NativeClient::State {
    explicit State(const ConnectOptions& o) : options(o) {}

    enum class Phase { Connecting, AwaitWelcome, ClockSync, Ready };

    const ConnectOptions options;
    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
    asio::steady_timer clock_timer{io};
    asio::posix::stream_descriptor cancel{io};
    std::shared_ptr<quic::Connection> connection;
    net::Endpoint host;

    // Control thread only.
    Phase phase = Phase::Connecting;
    std::vector<wire::ClockSample> samples;

    // Written by the control thread before `ready`, constant after it.
    wire::Welcome welcome;
    crypto::Fingerprint fingerprint{};
    size_t receive_buffer_bytes = 0;
    std::optional<wire::ClockEstimate> clock;

    UniqueFd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    mutable std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::optional<SteadyClock::time_point> introduced;  // when the host had answered and heard the Hello
    std::optional<Error> over;                          // why nothing more will come
    session::ReassemblyStats stats;
    ProbeMeter probe;
    std::array<HostTiming, kTimings> timings{};
    size_t next_timing = 0;
    wire::Mode mode;
    PipelineGaps gaps;
    uint32_t bitrate_kbps = 0;
    uint64_t rate_answers = 0;

    // Receive thread only.
    std::optional<Feedback> feedback;  // to hosts that understand it: those that answer with a tail
    std::optional<SteadyClock::time_point> rate_asked;

    std::atomic<size_t> posted_datagrams{0};
    std::atomic<int64_t> keyframe_asked{0};  // steady clock, nanoseconds

    // Each with its own lock.
    PlaneQueue<ReceivedFrame, kFrameQueue> frames;
    PlaneQueue<ReceivedAudio, kAudioQueue> audio;
    PlaneQueue<wire::Rumble, kRumbleQueue> rumble;
    PlaneQueue<wire::HidOutput, kHidQueue> hid;

    // Last: joined first.
    std::jthread control;
    std::jthread receive;

    void end(Error reason) {
        {
            const std::lock_guard lock(mutex);
            if (!over) over = reason;
            changed.notify_all();
        }
        if (reason.code == ErrorCode::Timeout) reason.code = ErrorCode::Io;  // Timeout means "not yet" to who pulls
        frames.end(reason);
        audio.end(reason);
        rumble.end(reason);
        hid.end(reason);
    }
    // What a thread of ours runs: nothing thrown leaves it.
    template <typename Work>
    void contained(Work&& run) {
        try {
            run();
        } catch (const std::exception& thrown) {
            end({ErrorCode::Internal, thrown.what()});
        }
    }
    // Runs `run(connection)` on the control thread. False once the session is over.
    template <typename Work>
    bool on_control(Work&& run) {
        {
            const std::lock_guard lock(mutex);
            if (over) return false;
        }
        asio::post(io, [this, run = std::forward<Work>(run)] { run(*connection); });
        return true;
    }
    bool send(const wire::TypedMessage& message) {
        return on_control([bytes = wire::encode(message)](quic::Connection& to) { to.send_message(bytes); });
    }
    // Datagrams may get lost: those that the control thread does not come to are lost at once.
    bool send_datagram(Bytes bytes) {
        if (posted_datagrams.fetch_add(1) >= kMostPostedDatagrams) {
            --posted_datagrams;
            const std::lock_guard lock(mutex);
            return !over;
        }
        return on_control([this, bytes = std::move(bytes)](quic::Connection& to) {
            --posted_datagrams;
            (void)to.send_datagram(bytes);
        });
    }
    // Several within a few milliseconds are one: the answer cannot have come yet.
    bool request_keyframe() {
        const auto now = SteadyClock::now().time_since_epoch().count();
        auto last = keyframe_asked.load();
        const auto spacing = std::chrono::nanoseconds(kKeyframeSpacing).count();
        if ((last == 0 || now - last >= spacing) && keyframe_asked.compare_exchange_strong(last, now))
            return send(wire::RequestKeyframe{});
        const std::lock_guard lock(mutex);
        return !over;
    }
    void give_up(Error reason) {
        connection->close(quic::CloseCode::Failed, reason.message);
        end(std::move(reason));
    }
    void introduce() {
        const std::lock_guard lock(mutex);
        introduced = SteadyClock::now();
        changed.notify_all();
    }
    Result<void> await_ready();
    void open();
    void watch_cancel();
    void on_message(ByteView payload);
    void on_welcome(ByteView payload);
    void on_typed(const wire::TypedMessage& message);
    void on_datagram(ByteView datagram);
    void probe_clock();
    void finish_clock_sync();
    void run_receive(const std::stop_token& stop, session::VideoReceiver& receiver);
    void store(session::Frame frame);
    void give_feedback(session::VideoReceiver& receiver);
};

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

NativeClient::NativeClient(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<NativeClient>> NativeClient::connect(const ConnectOptions& options) {
    std::unique_ptr<NativeClient> client(new NativeClient(std::make_unique<State>(options)));
    State* state = client->state_.get();
    asio::post(state->io, [state] { state->open(); });
    state->control = std::jthread([state] { state->contained([state] { state->io.run(); }); });
    pthread_setname_np(state->control.native_handle(), "pf-control");
    if (auto ready = state->await_ready(); !ready) return std::unexpected(ready.error());
    return client;
}

NativeClient::~NativeClient() {
    State* state = state_.get();
    asio::post(state->io, [state] {
        if (state->connection) state->connection->close(quic::CloseCode::Ok, "client closed");
        state->io.stop();
    });
    if (state->control.joinable()) state->control.join();
    state->receive.request_stop();
    (void)::eventfd_write(state->wake.get(), 1);
    if (state->receive.joinable()) state->receive.join();
}

const wire::Welcome& NativeClient::welcome() const {
    return state_->welcome;
}
crypto::Fingerprint NativeClient::host_fingerprint() const {
    return state_->fingerprint;
}
size_t NativeClient::receive_buffer_bytes() const {
    return state_->receive_buffer_bytes;
}
std::optional<wire::ClockEstimate> NativeClient::clock() const {
    return state_->clock;
}

wire::Mode NativeClient::mode() const {
    const std::lock_guard lock(state_->mutex);
    return state_->mode;
}

Result<ReceivedFrame> NativeClient::next_frame(std::chrono::milliseconds timeout) {
    return state_->frames.pop(timeout);
}
Result<ReceivedAudio> NativeClient::next_audio(std::chrono::milliseconds timeout) {
    return state_->audio.pop(timeout);
}
Result<wire::Rumble> NativeClient::next_rumble(std::chrono::milliseconds timeout) {
    return state_->rumble.pop(timeout);
}
Result<wire::HidOutput> NativeClient::next_hid_output(std::chrono::milliseconds timeout) {
    return state_->hid.pop(timeout);
}

std::optional<HostTiming> NativeClient::take_host_timing(uint64_t pts_ns) {
    const std::lock_guard lock(state_->mutex);
    for (HostTiming& timing : state_->timings) {
        if (timing.pts_ns == pts_ns && pts_ns != 0) return std::exchange(timing, {});
    }
    return std::nullopt;
}

bool NativeClient::send_input(const wire::InputEvent& event) {
    const auto bytes = wire::encode_input(event);
    return state_->send_datagram(Bytes(bytes.begin(), bytes.end()));
}
bool NativeClient::send_mic(const wire::MicPacket& packet) {
    return state_->send_datagram(wire::encode(packet));
}
bool NativeClient::send_rich_input(const wire::RichInput& input) {
    return state_->send_datagram(wire::encode(input));
}
bool NativeClient::request_keyframe() {
    return state_->request_keyframe();
}
bool NativeClient::request_mode(const wire::Mode& mode) {
    return state_->send(wire::Reconfigure{mode});
}
bool NativeClient::set_bitrate(uint32_t kbps) {
    return state_->send(wire::SetBitrate{kbps});
}
uint32_t NativeClient::bitrate_kbps() const {
    const std::lock_guard lock(state_->mutex);
    return state_->bitrate_kbps;
}
bool NativeClient::start_probe(const wire::ProbeRequest& request) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->probe.start();
    }
    return state_->send(request);
}
ProbeReport NativeClient::probe_report() const {
    const std::lock_guard lock(state_->mutex);
    return state_->probe.report();
}

session::ReassemblyStats NativeClient::stats() const {
    const std::lock_guard lock(state_->mutex);
    return state_->stats;
}

PipelineGaps NativeClient::pipeline_gaps() const {
    const std::lock_guard lock(state_->mutex);
    return state_->gaps;
}

uint64_t NativeClient::frames_dropped_in_queue() const {
    return state_->frames.dropped();
}

}  // namespace punktfunk::client
