// StreamSession on the real display, capture and encoder, with a part that fails when it is told to. What it sends is
// decoded here.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "process.hpp"
#include "punktfunk/capture/frame_source.hpp"
#include "punktfunk/media/video_decoder.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

// What is to fail, and how often it has been made.
struct Faults {
    std::atomic<int> encodes_that_fail{0}, encodes_too_large{0}, captures_that_fail{0};
    std::atomic<uint32_t> least_kbps{UINT32_MAX}, last_kbps{0};
    std::atomic<bool> encoders_open{true};
    std::atomic<int> displays{0}, captures{0}, encoders{0};
    bool strikes(std::atomic<int>& left) { return left > 0 && left-- > 0; }
};

constexpr size_t kMostBytes = 500'000;

class FailingEncoder final : public encode::VideoEncoder {
  public:
    FailingEncoder(std::unique_ptr<encode::VideoEncoder> real, Faults& faults)
        : real_(std::move(real)), faults_(faults) {}
    [[nodiscard]] std::string_view name() const override { return real_->name(); }
    Result<encode::AccessUnit> encode(const capture::Frame& frame, bool keyframe) override {
        if (faults_.strikes(faults_.encodes_that_fail)) return fail(ErrorCode::Io, "the GPU is gone");
        auto unit = real_->encode(frame, keyframe);
        if (unit && faults_.strikes(faults_.encodes_too_large)) unit->data = huge_;
        return unit;
    }
    Result<void> set_bitrate(uint32_t kbps) override {
        faults_.least_kbps = std::min(faults_.least_kbps.load(), kbps);
        faults_.last_kbps = kbps;
        return real_->set_bitrate(kbps);
    }

  private:
    const std::vector<uint8_t> huge_ = std::vector<uint8_t>(kMostBytes + 1);
    std::unique_ptr<encode::VideoEncoder> real_;
    Faults& faults_;
};

class FailingCapture final : public capture::FrameSource {
  public:
    FailingCapture(std::unique_ptr<capture::FrameSource> real, Faults& faults)
        : real_(std::move(real)), faults_(faults) {}
    Result<const capture::Frame*> next_frame(std::chrono::milliseconds timeout, int wake_fd) override {
        if (faults_.strikes(faults_.captures_that_fail)) return fail(ErrorCode::Io, "a frame is lost");
        return real_->next_frame(timeout, wake_fd);
    }

  private:
    std::unique_ptr<capture::FrameSource> real_;
    Faults& faults_;
};

class CountingDisplays final : public display::DisplayBackend {
  public:
    CountingDisplays(std::unique_ptr<display::DisplayBackend> real, Faults& faults)
        : real_(std::move(real)), faults_(faults) {}
    [[nodiscard]] std::string_view name() const override { return real_->name(); }
    [[nodiscard]] std::string description() const override { return real_->description(); }
    Result<std::unique_ptr<display::VirtualDisplay>> create(const display::Mode& mode) override {
        ++faults_.displays;
        return real_->create(mode);
    }

  private:
    std::unique_ptr<display::DisplayBackend> real_;
    Faults& faults_;
};

// Decodes what is sent.
class Decoding final : public stream::VideoSink {
  public:
    explicit Decoding(std::atomic<int>& decoded) : decoded_(decoded) {}
    Result<void> open(int) override {
        decoder_ = *media::VideoDecoder::open(media::Codec::H264);
        return {};
    }
    Result<uint64_t> send(const stream::EncodedFrame& frame) override {
        if (decoder_->decode(frame.data)) ++decoded_;
        return realtime_ns();
    }

  private:
    std::atomic<int>& decoded_;
    std::unique_ptr<media::VideoDecoder> decoder_;
};

struct Rig {
    TempDir directory;
    Faults faults;
    std::unique_ptr<display::DisplayBackend> displays;
    std::vector<encode::ProbeResult> encoders = encode::probe_encoders();
    std::atomic<int> decoded{0}, gaps{0};
    std::atomic<bool> ready{false};
    std::mutex mutex;
    std::optional<Error> ended;
    std::unique_ptr<stream::StreamSession> session;  // last: it uses the rest

    Rig() {
        auto made = display::make_sway_backend({.runtime_dir = directory.path(),
                                                .attach_socket = {},
                                                .embedded_only = true,
                                                .session_user = "punktfunk",
                                                .startup = {},
                                                .demo_desktop = true,
                                                .motion_program = {},
                                                .runtime_dirs_to_scan = {}});
        if (!made) throw std::runtime_error(made.error().message);
        displays = std::make_unique<CountingDisplays>(std::move(*made), faults);
        session = std::make_unique<stream::StreamSession>(parts(), config(), callbacks());
        if (!eventually(20s, [&] { return ready.load(); })) throw std::runtime_error("no pipeline");
        session->begin(std::make_unique<Decoding>(decoded));
        if (!flows()) throw std::runtime_error("no picture");
    }

    stream::PipelineParts parts() {
        return {.display = displays.get(),
                .open_capture =
                    [this](const display::WaylandTarget& target) -> Result<std::unique_ptr<capture::FrameSource>> {
                    ++faults.captures;
                    auto real = capture::make_screencopy_source(target);
                    if (!real) return real;
                    return std::make_unique<FailingCapture>(std::move(*real), faults);
                },
                .open_encoder =
                    [this](const encode::EncoderConfig& wanted) -> Result<std::unique_ptr<encode::VideoEncoder>> {
                    ++faults.encoders;
                    if (!faults.encoders_open) return fail(ErrorCode::NotAvailable, "no encoder is free");
                    auto real = encode::make_encoder(wanted, encoders);
                    if (!real) return real;
                    return std::make_unique<FailingEncoder>(std::move(*real), faults);
                },
                .open_input =
                    [](const display::WaylandTarget& target, const input::KeyboardLocks& locks) {
                        return input::make_wayland_sink(target, {}, locks);
                    }};
    }
    static stream::StreamConfig config() {
        return {.mode = {640, 360, 30},
                .codec = encode::Codec::H264,
                .bitrate_kbps = 4000,
                .label = "test",
                .max_unit_bytes = kMostBytes};
    }
    stream::StreamCallbacks callbacks() {
        return {.ready = [this](Result<std::string> encoder) { ready = encoder.has_value(); },
                .ended =
                    [this](Error why) {
                        const std::lock_guard lock(mutex);
                        ended = std::move(why);
                    },
                .mode_changed = {},
                .gap = [this](std::chrono::milliseconds) { ++gaps; }};
    }
    // A still desktop has a frame every half second.
    bool flows() {
        const int target = decoded + 3;
        return eventually(20s, [&] { return decoded >= target; });
    }
};

}  // namespace

TEST(Pipeline, AnEncoderThatFailsIsReopenedAndTheDesktopStays) {
    Rig rig;
    rig.faults.encodes_that_fail = 1;
    ASSERT_TRUE(eventually(10s, [&] { return rig.gaps == 1; }));
    EXPECT_TRUE(rig.flows());
    EXPECT_EQ(rig.faults.displays, 1);
    EXPECT_EQ(rig.faults.captures, 1);
    EXPECT_EQ(rig.faults.encoders, 2);
    EXPECT_EQ(rig.session->stats().rebuilds, 1u);
}

// Such a picture is not sent; the next one is a keyframe at half the rate, and once that holds the rate comes back.
TEST(Pipeline, APictureThatIsTooLargeIsFollowedByASmallerOne) {
    Rig rig;
    rig.faults.encodes_too_large = 2;
    EXPECT_TRUE(eventually(20s, [&] { return rig.session->stats().too_large == 2; }));
    EXPECT_TRUE(rig.flows());
    EXPECT_EQ(rig.faults.least_kbps, 1000u);
    EXPECT_TRUE(eventually(20s, [&] { return rig.faults.last_kbps == 4000; }));
    EXPECT_EQ(rig.faults.encoders, 1);
}

TEST(Pipeline, ACaptureThatFailsIsReopenedAndTheDesktopStays) {
    Rig rig;
    rig.faults.captures_that_fail = 1;
    ASSERT_TRUE(eventually(10s, [&] { return rig.gaps == 1; }));
    EXPECT_TRUE(rig.flows());
    EXPECT_EQ(rig.faults.displays, 1);
    EXPECT_EQ(rig.faults.captures, 2);
    // Twice in a row: the display is suspected.
    rig.faults.captures_that_fail = 2;
    ASSERT_TRUE(eventually(20s, [&] { return rig.gaps == 2; }));
    EXPECT_TRUE(rig.flows());
    EXPECT_EQ(rig.faults.displays, 2);
}

TEST(Pipeline, AnEncoderThatAlwaysFailsEndsTheSessionInWords) {
    Rig rig;
    rig.faults.encodes_that_fail = 1'000'000;
    EXPECT_TRUE(eventually(30s, [&] {
        const std::lock_guard lock(rig.mutex);
        return rig.ended.has_value();
    }));
    const std::lock_guard lock(rig.mutex);
    ASSERT_TRUE(rig.ended);
    EXPECT_FALSE(rig.ended->message.empty());
    EXPECT_LE(rig.faults.encoders, 40);
    EXPECT_EQ(rig.faults.displays, 1);
}

TEST(Pipeline, AnEncoderThatCannotOpenForTheNewModeKeepsTheOldOne) {
    Rig rig;
    rig.faults.encoders_open = false;
    rig.session->reconfigure({800, 600, 30});
    ASSERT_TRUE(eventually(10s, [&] { return rig.faults.encoders == 2; }));
    EXPECT_TRUE(rig.flows());
    EXPECT_EQ(rig.session->stats().rebuilds, 0u);
    rig.faults.encoders_open = true;
    rig.session->reconfigure({800, 600, 30});
    ASSERT_TRUE(eventually(10s, [&] { return rig.faults.encoders == 3; }));
    EXPECT_TRUE(rig.flows());
}

}  // namespace punktfunk::test
