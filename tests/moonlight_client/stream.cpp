#include "stream.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "audio_receiver.hpp"
#include "control_link.hpp"
#include "punktfunk/crypto/random.hpp"
#include "rtsp.hpp"
#include "udp_port.hpp"
#include "video_receiver.hpp"

namespace punktfunk::moonlight_client {

namespace {

using namespace std::chrono_literals;
using TimePoint = SteadyClock::time_point;

constexpr auto kPingPeriod = 500ms, kKeepAlivePeriod = 100ms, kServicePeriod = 10ms;
constexpr auto kNoVideoPatience = 10s, kNoFramePatience = 10s, kGoodbyePatience = 2s;
constexpr size_t kMaxDatagram = 9100;
constexpr int kBurst = 64;  // datagrams, before the other sockets have their turn

media::Codec decoder_of(Codec codec) {
    switch (codec) {
        case Codec::H264:
            return media::Codec::H264;
        case Codec::Hevc:
            return media::Codec::Hevc;
        case Codec::Av1:
            break;
    }
    return media::Codec::Av1;
}

}  // namespace

class Stream::Loop {
  public:
    Loop(StreamOptions options, TimePoint launched, const LaunchWish& launch, UdpPort video, UdpPort audio)
        : options_(std::move(options)),
          launched_(launched),
          video_port_(std::move(video)),
          audio_port_(std::move(audio)),
          wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        key_.bytes = launch.key;
        key_id_ = launch.key_id;
    }

    Result<void> open(const std::string& ip, const std::string& url) {
        const auto agreed =
            shake_hands({.ip = ip, .session_url = url, .key = key_.bytes, .first_sequence = options_.rtsp_sequence},
                        options_.wish, [&](const Handshake& so_far) {
                            audio_port_.aim(*SocketAddress::parse(ip, so_far.audio_port), so_far.audio_ping);
                            audio_port_.ping();
                        });
        if (!agreed) return std::unexpected(agreed.error());
        video_port_.aim(*SocketAddress::parse(ip, agreed->video_port), agreed->video_ping);

        auto decoder = media::VideoDecoder::open(decoder_of(options_.wish.codec));
        if (!decoder) return std::unexpected(decoder.error());
        decoder_ = std::move(*decoder);
        auto video = VideoReceiver::create(
            {.codec = options_.wish.codec,
             .packet_bytes = packet_size(options_.wish, agreed->encryption),
             .encrypted = (agreed->encryption & 2) != 0,
             .key = key_.bytes,
             .invalidates_frames = agreed->offer.invalidates_frames && options_.wish.invalidates_frames,
             .tells_fec_status = options_.wish.tells_fec_status,
             .loss = options_.video_loss,
             .seed = options_.seed},
            {.send = [this](const auto& message) { control_->send(message, gs_control::route_of(message)); },
             .fault = [this](std::string what) { fault(std::move(what)); },
             .decode = [this](ByteView access_unit, bool) { return decode(access_unit); }});
        if (!video) return std::unexpected(video.error());
        video_.emplace(std::move(*video));
        AudioReceiver::Options sound{.layout = agreed->sound,
                                     .packet_ms = options_.wish.packet_ms,
                                     .key = {},
                                     .loss = options_.audio_loss,
                                     .seed = options_.seed};
        // By either of two flags.
        if ((agreed->encryption & 4) != 0 || options_.wish.encrypt_audio) sound.key = {key_, key_id_};
        auto audio = AudioReceiver::create(sound, [this](std::string what) { fault(std::move(what)); });
        if (!audio) return std::unexpected(audio.error());
        audio_.emplace(std::move(*audio));
        auto control = ControlLink::create(
            {.ip = ip,
             .port = agreed->control_port,
             .connect_data = agreed->connect_data,
             .key = key_,
             .scheme = (agreed->encryption & 1) != 0 ? gs_control::Scheme::V2 : gs_control::Scheme::Legacy},
            {.connected = [this] { begin(); },
             .message = [this](const auto& message) { take(message); },
             .fault = [this](std::string what) { fault(std::move(what)); },
             .disconnected = [this] { end(EndCode::Disconnected); }});
        if (!control) return std::unexpected(control.error());
        control_.emplace(std::move(*control));
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
        return {};
    }

    [[nodiscard]] StreamReport report() const {
        const std::lock_guard lock(mutex_);
        return report_;
    }
    bool wait(std::chrono::milliseconds patience, const std::function<bool(const StreamReport&)>& wanted) const {
        std::unique_lock lock(mutex_);
        (void)changed_.wait_for(lock, patience, [&] { return wanted(report_) || report_.ended; });
        return wanted(report_);
    }
    [[nodiscard]] std::optional<media::RgbPicture> picture() const {
        const std::lock_guard lock(mutex_);
        auto rgb = decoder_->picture();
        return rgb ? std::optional(std::move(*rgb)) : std::nullopt;
    }
    [[nodiscard]] media::Sound sound() const {
        const std::lock_guard lock(mutex_);
        return audio_->sound();
    }
    // On the loop's thread, soon.
    void post(std::function<void()> action) {
        {
            const std::lock_guard lock(actions_mutex_);
            actions_.push_back(std::move(action));
        }
        (void)::eventfd_write(wake_.get(), 1);
    }
    void stop(bool politely) {
        if (!thread_.joinable()) return;
        politely_ = politely;
        thread_.request_stop();
        (void)::eventfd_write(wake_.get(), 1);
        thread_.join();
    }
    ControlLink& control() { return *control_; }

  private:
    void run(const std::stop_token& stop) {
        const auto started = SteadyClock::now();
        TimePoint next_ping = started, next_keep_alive = started;
        Bytes buffer(kMaxDatagram);
        while (!stop.stop_requested() && !over_) {
            pollfd sockets[] = {{video_port_.fd(), POLLIN, 0},
                                {audio_port_.fd(), POLLIN, 0},
                                {control_->fd(), POLLIN, 0},
                                {wake_.get(), POLLIN, 0}};
            (void)::poll(sockets, std::size(sockets), static_cast<int>(kServicePeriod / 1ms));
            const auto now = SteadyClock::now();
            const std::lock_guard lock(mutex_);
            act();
            control_->service();
            receive(buffer);
            control_->service();
            if (now >= next_ping) {
                next_ping = now + kPingPeriod;
                audio_port_.ping();
                if (report_.connected) video_port_.ping();
            }
            if (report_.connected && now >= next_keep_alive) {
                next_keep_alive = now + kKeepAlivePeriod;
                tell(gs_control::KeepAlive{});
            }
            judge(now, started);
            publish();
        }
        if (politely_ && !over_) control_->disconnect(kGoodbyePatience);
    }

    void act() {
        eventfd_t ignored = 0;
        (void)::eventfd_read(wake_.get(), &ignored);
        std::vector<std::function<void()>> actions;
        {
            const std::lock_guard lock(actions_mutex_);
            actions.swap(actions_);
        }
        for (const auto& action : actions) action();
    }
    void receive(Bytes& buffer) {
        for (int i = 0; i < kBurst; ++i) {
            const size_t length = video_port_.receive(buffer);
            if (length == 0) break;
            if (!first_datagram_) first_datagram_ = SteadyClock::now();
            video_->push(std::span(buffer).first(length));
        }
        for (int i = 0; i < kBurst; ++i) {
            const size_t length = audio_port_.receive(buffer);
            if (length == 0) break;
            audio_->push(ByteView(buffer).first(length));
        }
    }
    // What a stock client sends first, in its order.
    void begin() {
        report_.connected = true;
        connected_at_ = SteadyClock::now();
        tell(gs_control::RequestIdr{}, {});
        tell(gs_control::StartB{}, {});
        video_port_.ping();
        send(gs_control::EnableHaptics{});
        send(gs_control::MouseMove{1, 1});
        send(gs_control::MouseMove{-1, -1});
    }
    void tell(const gs_control::ClientMessage& message) { tell(message, gs_control::route_of(message)); }
    void tell(const gs_control::ClientMessage& message, gs_control::Route route) { control_->send(message, route); }

  public:
    void send(const gs_control::InputEvent& event) {
        const Bytes packet = gs_control::encode_input(event);
        control_->send(gs_control::Input{packet}, gs_control::route_of(event));
    }

  private:
    void take(const gs_control::HostMessage& message) {
        report_.messages.push_back(message);
        const auto* termination = std::get_if<gs_control::Termination>(&message);
        if (termination == nullptr) return;
        switch (termination->code) {
            case gs_control::TerminationCode::Graceful:
                return end(report_.decoded > 0 ? EndCode::Graceful : EndCode::GracefulTooEarly);
            case gs_control::TerminationCode::ProtectedContent:
                return end(EndCode::ProtectedContent);
            case gs_control::TerminationCode::EncoderFailed:
                return end(EndCode::EncoderFailed);
        }
        end(static_cast<EndCode>(static_cast<int32_t>(termination->code)));
    }
    void end(EndCode code) {
        if (!report_.ended) report_.ended = code;
        over_ = true;
    }
    bool decode(ByteView access_unit) {
        if (!decoder_->decode(access_unit)) {
            ++report_.decode_errors;
            return false;
        }
        ++report_.decoded;
        if (const auto luma = decoder_->luma()) {
            report_.width = luma->width;
            report_.height = luma->height;
        }
        if (!report_.first_picture)
            report_.first_picture =
                std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - launched_);
        return true;
    }
    void fault(std::string what) { report_.faults.push_back(std::move(what)); }
    // The client's own timers.
    void judge(TimePoint now, TimePoint started) {
        if (!report_.connected && now > started + kNoVideoPatience) end(EndCode::Disconnected);
        if (report_.connected && !first_datagram_ && now > connected_at_ + kNoVideoPatience)
            end(EndCode::NoVideoTraffic);
        if (first_datagram_ && report_.decoded == 0 && now > *first_datagram_ + kNoFramePatience)
            end(EndCode::NoVideoFrame);
    }
    void publish() {
        const VideoCounts& video = video_->counts();
        report_.video_datagrams = video.datagrams;
        report_.video_dropped = video.dropped;
        report_.frames = video.frames;
        report_.idr_frames = video.idr_frames;
        report_.discarded = video.discarded;
        report_.frames_lost = video.frames_lost;
        report_.recovered_packets = video.recovered_packets;
        report_.idr_requests = video.idr_requests;
        report_.invalidations = video.invalidations;
        report_.fec_reports = video.fec_reports;
        report_.unprotected_frames = video.unprotected_frames;
        report_.full_frames = video.full_frames;
        report_.most_shards = video.most_shards;
        report_.host_latency = video.host_latency;
        const AudioCounts& audio = audio_->counts();
        report_.audio_packets = audio.packets;
        report_.audio_recovered = audio.recovered;
        report_.audio_lost = audio.lost;
        report_.audio_undecodable = audio.undecodable;
        changed_.notify_all();
    }

    const StreamOptions options_;
    const TimePoint launched_;
    gs_media::StreamKey key_;
    uint32_t key_id_ = 0;
    UdpPort video_port_, audio_port_;
    UniqueFd wake_;

    mutable std::mutex mutex_;  // guards all that follows but the actions
    mutable std::condition_variable changed_;
    StreamReport report_;
    std::unique_ptr<media::VideoDecoder> decoder_;
    std::optional<VideoReceiver> video_;
    std::optional<AudioReceiver> audio_;
    std::optional<ControlLink> control_;
    std::optional<TimePoint> first_datagram_;
    TimePoint connected_at_;
    bool over_ = false;

    std::mutex actions_mutex_;
    std::vector<std::function<void()>> actions_;
    bool politely_ = false;  // before the stop is asked for
    std::jthread thread_;    // last: the loop uses everything above
};

Stream::Stream(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Stream::~Stream() {
    crash();
}

Result<std::unique_ptr<Stream>> Stream::start(HostApi& api, const StreamOptions& options) {
    auto video = UdpPort::open(api.ip());
    auto audio = UdpPort::open(api.ip());
    if (!video) return std::unexpected(video.error());
    if (!audio) return std::unexpected(audio.error());
    LaunchWish launch{.app = options.app,
                      .width = options.wish.width,
                      .height = options.wish.height,
                      .fps = options.wish.fps,
                      .channels = options.wish.channels,
                      .core_version = options.core_version,
                      .resume = options.resume};
    crypto::random_bytes(launch.key);
    std::array<uint8_t, 4> id{};
    crypto::random_bytes(id);
    launch.key_id = load_be<uint32_t>(id.data());
    const auto launched = SteadyClock::now();
    const auto url = api.launch(launch);
    if (!url) return std::unexpected(url.error());
    if (options.core_version == 0 && url->find("rtspenc") != std::string::npos)
        return fail(ErrorCode::ProtocolViolation, "rtspenc for a client that cannot: {}", *url);
    auto loop = std::make_unique<Loop>(options, launched, launch, std::move(*video), std::move(*audio));
    if (auto opened = loop->open(api.ip(), *url); !opened) return std::unexpected(opened.error());
    return std::unique_ptr<Stream>(new Stream(std::move(loop)));
}

StreamReport Stream::report() const {
    return loop_->report();
}
bool Stream::wait(std::chrono::milliseconds patience, const std::function<bool(const StreamReport&)>& wanted) const {
    return loop_->wait(patience, wanted);
}
std::optional<media::RgbPicture> Stream::picture() const {
    return loop_->picture();
}
media::Sound Stream::sound() const {
    return loop_->sound();
}
void Stream::send(const gs_control::InputEvent& event) {
    loop_->post([loop = loop_.get(), event] { loop->send(event); });
}
void Stream::request_idr() {
    loop_->post([loop = loop_.get()] {
        const gs_control::ClientMessage message = gs_control::RequestIdr{};
        loop->control().send(message, gs_control::route_of(message));
    });
}
void Stream::send_again(const gs_control::ClientMessage& message, int times) {
    loop_->post([loop = loop_.get(), encoded = gs_control::encode(message), times] {
        const auto sealed = loop->control().seal(encoded);
        for (int i = 0; sealed && i < times; ++i) loop->control().send_raw(*sealed, {});
    });
}
void Stream::send_unsealed(const Bytes& message) {
    loop_->post([loop = loop_.get(), message] { loop->control().send_raw(message, {}); });
}
void Stream::close() {
    loop_->stop(true);
}
void Stream::crash() {
    loop_->stop(false);
}

}  // namespace punktfunk::moonlight_client
