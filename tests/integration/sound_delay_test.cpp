// How long a sample takes from the program that plays it to the packet that carries it. Printed, not judged.
#include <gtest/gtest.h>
#include <spa/param/audio/format-utils.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "host_fixture.hpp"
#include "pipewire_connection.hpp"
#include "punktfunk/audio/sound_capture.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/latency_samples.hpp"
#include "punktfunk/opus/opus_codec.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

// A program that plays a click five times a second, and remembers when it wrote the last one.
class Clicker {
  public:
    explicit Clicker(const std::string& socket)
        : connection_(audio::PipeWireConnection::open(socket, 10s).value()),
          stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        stream_ = ::pw_stream_new(
            connection_->core(), "clicker",
            ::pw_properties_new(PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Playback", nullptr));
        static constexpr pw_stream_events kEvents{
            .version = PW_VERSION_STREAM_EVENTS, .process = [](void* self) { static_cast<Clicker*>(self)->process(); }};
        pw_stream_add_listener(stream_, &listener_, &kEvents, this);
        spa_audio_info_raw format{.format = SPA_AUDIO_FORMAT_F32,
                                  .rate = audio::kRate,
                                  .channels = 2,
                                  .position = {SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR}};
        std::array<uint8_t, 1024> room{};
        spa_pod_builder builder{};
        spa_pod_builder_init(&builder, room.data(), room.size());
        const spa_pod* parameter = spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &format);
        const auto flags = static_cast<pw_stream_flags>(PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_RT_PROCESS |
                                                        PW_STREAM_FLAG_AUTOCONNECT);
        ::pw_stream_connect(stream_, PW_DIRECTION_OUTPUT, PW_ID_ANY, flags, &parameter, 1);
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested() && connection_->wait(1s, stop_.get(), -1)) {
            }
        });
    }
    ~Clicker() {
        thread_.request_stop();
        (void)::eventfd_write(stop_.get(), 1);
        thread_.join();
        ::pw_stream_destroy(stream_);
    }

    [[nodiscard]] uint64_t clicked_ns() const { return clicked_ns_; }

  private:
    static constexpr uint64_t kEvery = audio::kRate / 5;

    void process() {
        pw_buffer* taken = ::pw_stream_dequeue_buffer(stream_);
        if (taken == nullptr) return;
        spa_data& data = taken->buffer->datas[0];
        const uint64_t frames = std::min<uint64_t>(data.maxsize / 8, taken->requested == 0 ? 240 : taken->requested);
        auto* samples = static_cast<float*>(data.data);
        std::fill_n(samples, 2 * frames, 0.0F);
        if (written_ / kEvery != (written_ + frames) / kEvery) {
            samples[0] = samples[1] = 0.9F;
            clicked_ns_ = realtime_ns();
        }
        written_ += frames;
        *data.chunk = {.offset = 0, .size = static_cast<uint32_t>(8 * frames), .stride = 8};
        ::pw_stream_queue_buffer(stream_, taken);
    }

    std::unique_ptr<audio::PipeWireConnection> connection_;
    UniqueFd stop_;
    pw_stream* stream_ = nullptr;
    spa_hook listener_{};
    uint64_t written_ = 0;
    std::atomic<uint64_t> clicked_ns_{0};
    std::jthread thread_;
};

}  // namespace

TEST(SoundDelay, FromTheProgramToThePacket) {
    const TempDir directory;
    auto backend = display::make_sway_backend({.runtime_dir = directory.path(),
                                               .attach_socket = {},
                                               .embedded_only = true,
                                               .session_user = "punktfunk",
                                               .startup = {},
                                               .demo_desktop = false,
                                               .motion_program = {},
                                               .runtime_dirs_to_scan = {}});
    ASSERT_TRUE(backend) << backend.error().message;
    auto display = (*backend)->create({640, 360, 30});
    ASSERT_TRUE(display) << display.error().message;
    auto capture = audio::open_sound_capture((*display)->sound(), {});
    ASSERT_TRUE(capture) << capture.error().message;
    auto encoder = opus::Encoder::create({});
    ASSERT_TRUE(encoder);
    const Clicker clicker((*display)->sound().pipewire_socket);

    constexpr size_t kClicks = 30;
    LatencySamples heard_us, encoded_us;
    const auto deadline = SteadyClock::now() + 60s;
    while (heard_us.count() < kClicks && SteadyClock::now() < deadline) {
        const auto frame = (*capture)->next_frame(1s, -1);
        if (!frame) continue;
        const uint64_t heard = realtime_ns();
        (void)encoder->encode(*frame);
        if (std::ranges::none_of(*frame, [](float sample) { return std::abs(sample) > 0.3F; })) continue;
        heard_us.add(static_cast<int64_t>(heard - clicker.clicked_ns()) / 1000);
        encoded_us.add(static_cast<int64_t>(realtime_ns() - heard) / 1000);
    }
    ASSERT_EQ(heard_us.count(), kClicks);
    fmt::print("played -> captured: p50 {:.2f} ms, p95 {:.2f} ms; encoded in {:.2f} ms\n",
               static_cast<double>(heard_us.percentile(0.5)) / 1e3,
               static_cast<double>(heard_us.percentile(0.95)) / 1e3,
               static_cast<double>(encoded_us.percentile(0.5)) / 1e3);
}

}  // namespace punktfunk::test
