#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "connection.hpp"
#include "frame_order.hpp"
#include "gamepad_test_run.hpp"
#include "media/png_file.hpp"
#include "media/recorder.hpp"
#include "media/video_decoder.hpp"
#include "mic_sender.hpp"
#include "mode_switching.hpp"
#include "punktfunk/client/native_client.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "stream_report.hpp"
#include "typing.hpp"

namespace punktfunk::cli {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using TimePoint = SteadyClock::time_point;

namespace {

constexpr auto kFirstFramePatience = 10s;
constexpr auto kSilencePatience = 8s;
constexpr auto kKeyframeInterval = 250ms;  // between requests, while nothing decodes
constexpr auto kTypingDelay = 1500ms;      // the desktop shows itself first
constexpr auto kTypingInterval = 30ms;
constexpr auto kTextInterval = 2ms;
constexpr auto kProgressInterval = 1s;
constexpr auto kLookAround = 20ms;  // for the user's wish to stop

bool readable(int fd) {
    pollfd ready{.fd = fd, .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, 0) > 0;
}

std::optional<media::Codec> codec_of(const wire::Welcome& welcome) {
    switch (welcome.tail ? welcome.tail->codec : uint8_t{wire::kCodecHevc}) {
        case wire::kCodecH264:
            return media::Codec::H264;
        case wire::kCodecHevc:
            return media::Codec::Hevc;
        case wire::kCodecAv1:
            return media::Codec::Av1;
        default:
            return std::nullopt;
    }
}

// One run of the stream, from the first frame to the report.
class Stream {
  public:
    Stream(const ConnectOptions& options, client::NativeClient& connection, TimePoint asked_at)
        : options_(options),
          connection_(connection),
          asked_at_(asked_at),
          order_(std::chrono::nanoseconds(1s) / connection.mode().refresh_hz),
          report_(connection.clock()),
          switching_(options.mode_switches) {
        if (options.gamepad_test) gamepad_.emplace(connection);
    }

    Result<void> prepare();
    Result<void> run(int stop_fd);
    Result<void> finish();

  private:
    void take(client::ReceivedFrame frame);
    void record(const client::ReceivedFrame& frame, bool keyframe);
    void ask_for_keyframe(TimePoint now);
    void type_due(TimePoint now);
    void show_progress(TimePoint now);

    const ConnectOptions& options_;
    client::NativeClient& connection_;
    const TimePoint asked_at_;
    FrameOrder order_;
    StreamReport report_;
    ModeSwitching switching_;
    std::optional<GamepadTestRun> gamepad_;
    std::unique_ptr<media::VideoDecoder> decoder_;
    std::unique_ptr<media::Recorder> recorder_;
    Result<void> recording_;  // how it went
    SoundReceiver sound_;
    std::optional<MicSender> mic_;
    std::vector<wire::InputEvent> typing_;
    size_t typed_ = 0;
    milliseconds typing_interval_ = kTypingInterval;
    TimePoint started_, next_key_, next_progress_, next_keyframe_request_, last_frame_;
    bool live_ = ::isatty(STDERR_FILENO) == 1;
};

Result<void> Stream::prepare() {
    const auto& tail = connection_.welcome().tail;
    const auto codec = codec_of(connection_.welcome());
    if (!codec) {
        return fail(ErrorCode::Unsupported, "the host sends codec {}, which this client did not offer", tail->codec);
    }
    const wire::Mode mode = connection_.mode();
    auto decoder = media::VideoDecoder::open(*codec);
    if (!decoder) return std::unexpected(decoder.error());
    decoder_ = std::move(*decoder);
    if (!options_.record.empty()) {
        auto recorder = media::Recorder::open(options_.record, {*codec, mode.width, mode.height, mode.refresh_hz});
        if (!recorder) return std::unexpected(recorder.error());
        recorder_ = std::move(*recorder);
    }
    if (!options_.sound.empty()) {
        if (auto opened = sound_.record_to(options_.sound); !opened) return opened;
    }
    if (!options_.mic.empty()) {
        auto mic = MicSender::open(options_.mic);
        if (!mic) return std::unexpected(std::move(mic.error()).in("--mic"));
        mic_.emplace(std::move(*mic));
    }
    const bool text = tail && (tail->host_caps & wire::kHostCapText) != 0;
    auto typing = text ? text_input(options_.type) : keystrokes(options_.type);
    if (!typing) return std::unexpected(std::move(typing.error()).in("--type"));
    typing_ = std::move(*typing);
    if (text) typing_interval_ = kTextInterval;
    report_.codec = media::to_string(*codec);
    report_.frame_interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / mode.refresh_hz;
    report_.mode = fmt::format("{}x{}@{}", mode.width, mode.height, mode.refresh_hz);
    return {};
}

void Stream::ask_for_keyframe(TimePoint now) {
    if (now < next_keyframe_request_) return;
    next_keyframe_request_ = now + kKeyframeInterval;
    ++report_.keyframe_requests;
    connection_.request_keyframe();
}

// A recording that cannot go on (a full disk) does not end the stream.
void Stream::record(const client::ReceivedFrame& frame, bool keyframe) {
    if (recorder_ == nullptr) return;
    auto written = recorder_->write(frame.data, frame.pts_ns, keyframe);
    if (written) return;
    recording_ = std::unexpected(std::move(written.error()).in("the recording has stopped"));
    fmt::print(stderr, "{}{}\n", live_ ? "\r\033[K" : "", recording_.error().message);
    recorder_.reset();
}

void Stream::take(client::ReceivedFrame frame) {
    const bool keyframe = (frame.user_flags & session::kFlagStartOfFrame) != 0;
    if (decoder_->decode(frame.data)) {
        if (report_.frames_decoded == 0) report_.first_picture = SteadyClock::now() - asked_at_;
        report_.decoded(frame, realtime_ns());
        if (const auto luma = decoder_->luma()) switching_.picture(luma->width, luma->height, SteadyClock::now());
        record(frame, keyframe);
    } else {
        ++report_.frames_failed;
        order_.await_keyframe();
    }
}

void Stream::type_due(TimePoint now) {
    while (typed_ < typing_.size() && now >= next_key_) {
        connection_.send_input(typing_[typed_++]);
        next_key_ += typing_interval_;
    }
}

void Stream::show_progress(TimePoint now) {
    if (now < next_progress_) return;
    next_progress_ = now + kProgressInterval;
    report_.transport = connection_.stats();
    report_.bitrate_kbps = connection_.bitrate_kbps();
    report_.frames_lost = order_.lost();
    const std::string line = report_.progress_line(now);
    if (live_) fmt::print(stderr, "\r{}\033[K", line);
}

Result<void> Stream::run(int stop_fd) {
    started_ = last_frame_ = SteadyClock::now();
    next_key_ = started_ + kTypingDelay;
    next_progress_ = started_ + kProgressInterval;
    next_keyframe_request_ = started_ + kKeyframeInterval;  // the stream begins with one
    const auto end = options_.duration.count() > 0
                         ? started_ + std::chrono::duration_cast<SteadyClock::duration>(options_.duration)
                         : TimePoint::max();
    Result<void> outcome;
    std::string why;  // it ended in good order
    TimePoint now = started_;
    while (outcome && now < end && !readable(stop_fd)) {
        auto wake = std::min(end, now + kLookAround);
        if (const auto deadline = order_.deadline()) wake = std::min(wake, *deadline);
        if (mic_ && mic_->next()) wake = std::min(wake, *mic_->next());
        auto received = connection_.next_frame(std::max(milliseconds(0), std::chrono::ceil<milliseconds>(wake - now)));
        now = SteadyClock::now();
        if (received) {
            last_frame_ = now;
            ++report_.frames_received;
            order_.push(std::move(*received), now);
        } else if (received.error().code != ErrorCode::Timeout) {
            // Ended by the host in good order, and nobody asked for a certain time: that is a success.
            const bool in_order = received.error().code == ErrorCode::Closed && end == TimePoint::max();
            if (in_order)
                why = std::move(received.error().message);
            else
                outcome = std::unexpected(std::move(received.error()).in("the stream ended"));
            break;
        }
        while (auto frame = order_.pop(now)) take(std::move(*frame));
        if (order_.awaiting_keyframe() && report_.frames_received > 0) ask_for_keyframe(now);
        report_.collect_timings(connection_);
        type_due(now);
        switching_.ask_when_due(connection_, now);
        if (gamepad_) gamepad_->turn(now);
        if (options_.mode_switches.switches > 0 && switching_.finished() && end == TimePoint::max()) break;
        if (outcome) outcome = sound_.collect(connection_);
        if (outcome && mic_) outcome = mic_->send_due(connection_, now);
        show_progress(now);
        if (report_.frames_received == 0 && now > started_ + kFirstFramePatience) {
            outcome = fail(ErrorCode::Timeout,
                           "no video arrived in 10 s: does a firewall hold back UDP from port {} of the host?",
                           connection_.welcome().udp_port);
        } else if (now > last_frame_ + kSilencePatience && report_.frames_received > 0) {
            outcome = fail(ErrorCode::Timeout, "no video for 8 s: the host or the network is gone");
        }
    }
    if (live_) fmt::print(stderr, "\r\033[K");
    if (!why.empty()) fmt::print(stderr, "punktfunk-client: {}\n", why);
    report_.streamed = SteadyClock::now() - started_;
    return outcome;
}

Result<void> Stream::finish() {
    report_.transport = connection_.stats();
    report_.gaps = connection_.pipeline_gaps();
    report_.bitrate_kbps = connection_.bitrate_kbps();
    report_.frames_lost = order_.lost();
    report_.frames_undecodable = order_.undecodable();
    report_.sound = sound_.counts();
    if (options_.json) {
        auto report = report_.json();
        if (options_.mode_switches.switches > 0) report["mode_switches"] = switching_.json();
        fmt::print("{}\n", report.dump(2));
    } else {
        fmt::print("{}{}{}", report_.text(), switching_.text(), gamepad_ ? gamepad_->text() : "");
    }
    if (recorder_ != nullptr) {
        if (auto finished = recorder_->finish(); !finished) return finished;
    }
    if (auto finished = sound_.finish(); !finished) return finished;
    if (!options_.screenshot.empty()) {
        auto picture = decoder_->picture();
        if (!picture) return std::unexpected(std::move(picture.error()).in("--screenshot"));
        if (auto written = media::write_png(*picture, options_.screenshot); !written) return written;
    }
    if (!recording_) return recording_;
    if (report_.frames_decoded == 0) return fail(ErrorCode::Io, "not one frame was decoded");
    return {};
}

}  // namespace

Result<void> connect_to_host(const ConnectOptions& options, int stop_fd) {
    wire::Hello hello{
        .mode = options.mode, .gamepad = options.gamepad, .bitrate_kbps = options.bitrate_kbps, .name = options.name};
    hello.video_caps = wire::kCapHostTiming | wire::kCapProbeSequence | wire::kCapMultiSlice;
    if (!options.launch.empty()) hello.launch = options.launch;
    hello.tail = wire::HelloTail{.video_codecs = options.codecs};
    const auto asked_at = SteadyClock::now();
    auto connection = connect({options.host, options.config_dir, options.trust_on_first_use,
                               options.follow_path ? std::optional(client::BitrateLimits{}) : std::nullopt},
                              std::move(hello), stop_fd);
    if (!connection) return std::unexpected(std::move(connection.error()));
    if (const size_t granted = (*connection)->receive_buffer_bytes(); granted < net::UdpSocket::kWantedBuffer) {
        fmt::print(stderr,
                   "punktfunk-client: the kernel grants {} KiB of buffer for video; less than {} MiB loses packets at "
                   "high rates: sysctl -w net.core.rmem_max=33554432\n",
                   granted >> 10, net::UdpSocket::kWantedBuffer >> 20);
    }
    Stream stream(options, **connection, asked_at);
    if (auto ready = stream.prepare(); !ready) return ready;
    auto outcome = stream.run(stop_fd);
    auto finished = stream.finish();
    return outcome ? finished : outcome;
}

}  // namespace punktfunk::cli
