#include "sound_stream.hpp"

#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include <algorithm>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::stream {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr auto kFirstPause = 100ms;
constexpr auto kMaxPause = 2000ms;
constexpr auto kHealthy = 5s;
constexpr auto kQuiet = 40ms;           // without a frame: nothing plays
constexpr auto kSoundLookAround = 10s;  // nothing depends on it: whatever matters wakes the wait

}  // namespace

SoundStream::SoundStream(OpenSound open, std::string label, const opus::EncoderConfig& format, bool send_silence)
    : open_(std::move(open)),
      label_(std::move(label)),
      format_(format),
      send_silence_(send_silence),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    pthread_setname_np(thread_.native_handle(), "pf-sound");
}

SoundStream::~SoundStream() {
    thread_.request_stop();
    (void)::eventfd_write(wake_.get(), 1);
}

void SoundStream::begin(std::unique_ptr<SoundSink> sink) {
    const std::lock_guard lock(mutex_);
    sink_ = std::move(sink);
    changed_.notify_all();
}

void SoundStream::capture_from(const display::SoundTarget& target) {
    const std::lock_guard lock(mutex_);
    if (target == target_) return;
    target_ = target;
    changed_.notify_all();
    (void)::eventfd_write(wake_.get(), 1);
}

bool SoundStream::moved_from(const display::SoundTarget& target) const {
    const std::lock_guard lock(mutex_);
    return target_ != target;
}

void SoundStream::run(const std::stop_token& stop) {
    auto encoder = opus::Encoder::create(format_);
    if (!encoder) return spdlog::warn("{}: no sound: {}", label_, encoder.error().message);
    auto pause = milliseconds(kFirstPause);
    std::string last_complaint;
    while (!stop.stop_requested()) {
        display::SoundTarget target;
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [&] { return sink_ != nullptr && !target_.pipewire_socket.empty(); }))
                return;
            target = target_;
        }
        const auto opened = SteadyClock::now();
        const auto broken = capture_until_broken(target, *encoder, stop);
        if (broken || stop.stop_requested()) continue;
        if (SteadyClock::now() - opened > kHealthy) {
            pause = kFirstPause;
            last_complaint.clear();
        }
        if (std::exchange(last_complaint, broken.error().message) != broken.error().message)
            spdlog::warn("{}: sound: {}; trying again", label_, broken.error().message);
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, pause, [&] { return target_ != target; });
        pause = std::min<milliseconds>(pause * 2, kMaxPause);
    }
}

// Without an error: stopped, or another target.
Result<void> SoundStream::capture_until_broken(const display::SoundTarget& target, opus::Encoder& encoder,
                                               const std::stop_token& stop) {
    auto capture = open_(target, {.channels = format_.channels, .frame_samples = format_.frame_samples});
    if (!capture) return std::unexpected(capture.error());
    spdlog::debug("{}: sound: capturing at {}", label_, target.pipewire_socket);
    const auto send = [&](std::span<const float> frame) -> Result<void> {
        auto packet = encoder.encode(frame);
        if (!packet) return std::unexpected(packet.error());
        sink_->send(*packet, realtime_ns());
        ++packets_;
        return {};
    };
    const std::vector<float> silence(size_t{format_.channels} * format_.frame_samples);
    const milliseconds frame_time(1000 * format_.frame_samples / opus::kRate);
    milliseconds patience = send_silence_ ? kQuiet : kSoundLookAround;
    while (!stop.stop_requested()) {
        auto frame = (*capture)->next_frame(patience, wake_.get());
        if (frame) {
            if (send_silence_) patience = kQuiet;
            if (auto sent = send(*frame); !sent) return sent;
        } else if (frame.error().code != ErrorCode::Timeout) {
            return std::unexpected(frame.error());
        } else {
            eventfd_t drained = 0;
            (void)::eventfd_read(wake_.get(), &drained);
            if (moved_from(target)) return {};
            if (!send_silence_) continue;
            patience = frame_time;
            if (auto sent = send(silence); !sent) return sent;
        }
    }
    return {};
}

}  // namespace punktfunk::stream
