// A capturing stream of class Audio/Sink is a sink: PipeWire's programs play into it, and it is gone with this process.
#include <poll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <vector>

#include "audio_stream.hpp"
#include "punktfunk/audio/sound_capture.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "sample_ring.hpp"

namespace punktfunk::audio {

namespace {

using namespace std::chrono_literals;

constexpr auto kCapturePatience = 5s;
constexpr size_t kRingMs = 200;  // what a stalled reader may be behind

bool readable(int fd) {
    pollfd ready{fd, POLLIN, 0};
    return ::poll(&ready, 1, 0) > 0;
}

class PipeWireCapture final : public SoundCapture {
  public:
    explicit PipeWireCapture(const SoundFormat& format)
        : frame_(size_t{format.channels} * format.frame_samples),
          ring_(size_t{format.channels} * kRate / 1000 * kRingMs),
          ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    Result<void> open(const display::SoundTarget& target, const SoundFormat& format) {
        auto connection = PipeWireConnection::open(target.pipewire_socket, kCapturePatience);
        if (!connection) return std::unexpected(connection.error());
        connection_ = std::move(*connection);
        return stream_.open(*connection_,
                            {.direction = PW_DIRECTION_INPUT,
                             .media_class = "Audio/Sink",
                             .name = target.name,
                             .description = "punktfunk: sound to the client",
                             .default_priority = !target.shared,
                             .channels = format.channels,
                             .latency_samples = format.frame_samples},
                            [this](std::span<float> samples) { take(samples); });
    }

    Result<std::span<const float>> next_frame(std::chrono::milliseconds timeout, int wake_fd) override {
        const auto deadline = SteadyClock::now() + timeout;
        while (!ring_.read(frame_)) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
            if (left.count() <= 0) return fail(ErrorCode::Timeout, "nothing played");
            if (auto waited = connection_->wait(left, ready_.get(), wake_fd); !waited)
                return std::unexpected(waited.error());
            if (readable(wake_fd)) return fail(ErrorCode::Timeout, "woken");
            eventfd_t drained = 0;
            (void)::eventfd_read(ready_.get(), &drained);
        }
        return frame_;
    }

    [[nodiscard]] uint64_t frames_lost() const override { return samples_lost_ / frame_.size(); }

  private:
    // PipeWire's data thread.
    void take(std::span<const float> samples) {
        if (!ring_.write(samples)) samples_lost_ += samples.size();
        (void)::eventfd_write(ready_.get(), 1);
    }

    std::vector<float> frame_;
    SampleRing ring_;
    UniqueFd ready_;
    std::atomic<uint64_t> samples_lost_{0};
    std::unique_ptr<PipeWireConnection> connection_;
    AudioStream stream_;  // goes first: nothing is taken after it
};

}  // namespace

Result<std::unique_ptr<SoundCapture>> open_sound_capture(const display::SoundTarget& target,
                                                         const SoundFormat& format) {
    auto capture = std::make_unique<PipeWireCapture>(format);
    if (auto opened = capture->open(target, format); !opened) return std::unexpected(opened.error());
    return capture;
}

}  // namespace punktfunk::audio
