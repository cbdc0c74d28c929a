// StreamSession on the real display, capture and encoder, with a part that fails when it is told to. What it sends is
// decoded here.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "desktop.hpp"
#include "picture.hpp"
#include "process.hpp"
#include "punktfunk/capture/frame_source.hpp"
#include "punktfunk/input/input_sink.hpp"
#include "punktfunk/media/video_decoder.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

constexpr size_t kMaxUnitBytes = 1 << 20;

// What is to fail, and how often it has been made.
struct Faults {
    std::atomic<int> encodes_that_fail{0}, captures_that_fail{0}, units_too_large{0}, inputs_that_fail{0};
    std::atomic<uint32_t> least_kbps{UINT32_MAX}, last_kbps{0};
    std::atomic<bool> encoders_open{true}, pictures{true};
    std::atomic<int> displays{0}, captures{0}, encoders{0}, injected{0};
    bool strikes(std::atomic<int>& left) { return left > 0 && left-- > 0; }
};

class FailingEncoder final : public encode::VideoEncoder {
  public:
    FailingEncoder(std::unique_ptr<encode::VideoEncoder> real, Faults& faults)
        : real_(std::move(real)), faults_(faults) {}
    [[nodiscard]] std::string_view name() const override { return real_->name(); }
    Result<encode::AccessUnit> encode(const capture::Frame& frame, bool keyframe) override {
        if (faults_.strikes(faults_.encodes_that_fail)) return fail(ErrorCode::Io, "the GPU is gone");
        auto unit = real_->encode(frame, keyframe);
        if (unit && faults_.strikes(faults_.units_too_large)) unit->data = too_large_;
        return unit;
    }
    Result<void> set_bitrate(uint32_t kbps) override {
        faults_.least_kbps = std::min(faults_.least_kbps.load(), kbps);
        faults_.last_kbps = kbps;
        return real_->set_bitrate(kbps);
    }

  private:
    std::unique_ptr<encode::VideoEncoder> real_;
    Faults& faults_;
    const Bytes too_large_ = Bytes(kMaxUnitBytes + 1);
};

class FailingCapture final : public capture::FrameSource {
  public:
    FailingCapture(std::unique_ptr<capture::FrameSource> real, Faults& faults)
        : real_(std::move(real)), faults_(faults) {}
    Result<const capture::Frame*> next_frame(std::chrono::milliseconds timeout, int wake_fd) override {
        if (faults_.strikes(faults_.captures_that_fail)) return fail(ErrorCode::Io, "a frame is lost");
        if (!faults_.pictures) {
            pollfd woken{wake_fd, POLLIN, 0};
            (void)::poll(&woken, 1, static_cast<int>(timeout.count()));
            return fail(ErrorCode::Timeout, "nothing to see");
        }
        return real_->next_frame(timeout, wake_fd);
    }

  private:
    std::unique_ptr<capture::FrameSource> real_;
    Faults& faults_;
};

class FailingInput final : public input::InputSink {
  public:
    FailingInput(std::unique_ptr<input::InputSink> real, Faults& faults) : real_(std::move(real)), faults_(faults) {}
    Result<void> inject(std::span<const wire::InputEvent> events) override {
        if (faults_.strikes(faults_.inputs_that_fail)) return fail(ErrorCode::Timeout, "the compositor is slow");
        ++faults_.injected;
        return real_->inject(events);
    }
    [[nodiscard]] input::KeyboardLocks locks() const override { return real_->locks(); }

  private:
    std::unique_ptr<input::InputSink> real_;
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
    Decoding(std::atomic<int>& decoded, std::atomic<size_t>& largest) : decoded_(decoded), largest_(largest) {}
    Result<void> open(int) override {
        decoder_ = *media::VideoDecoder::open(media::Codec::H264);
        return {};
    }
    Result<uint64_t> send(const stream::EncodedFrame& frame) override {
        largest_ = std::max<size_t>(largest_, frame.data.size());
        if (decoder_->decode(frame.data)) ++decoded_;
        return realtime_ns();
    }

  private:
    std::atomic<int>& decoded_;
    std::atomic<size_t>& largest_;
    std::unique_ptr<media::VideoDecoder> decoder_;
};

struct Rig {
    TempDir directory;
    Faults faults;
    std::unique_ptr<display::DisplayBackend> displays;
    std::vector<encode::ProbeResult> encoders = encode::probe_encoders();
    std::atomic<int> decoded{0}, gaps{0};
    std::atomic<size_t> largest{0};
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
        session->begin(std::make_unique<Decoding>(decoded, largest));
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
                .open_input = [this](const display::WaylandTarget& target,
                                     const input::KeyboardLocks& locks) -> Result<std::unique_ptr<input::InputSink>> {
                    auto real = input::make_wayland_sink(target, {}, locks);
                    if (!real) return real;
                    return std::make_unique<FailingInput>(std::move(*real), faults);
                }};
    }
    static stream::StreamConfig config() {
        return {.mode = {640, 360, 30},
                .codec = encode::Codec::H264,
                .bitrate_kbps = 4000,
                .label = "test",
                .max_unit_bytes = kMaxUnitBytes};
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
    const auto keyframes = rig.session->stats().keyframes;
    rig.faults.units_too_large = 2;
    EXPECT_TRUE(eventually(20s, [&] { return rig.session->stats().too_large == 2; }));
    EXPECT_TRUE(rig.flows());
    EXPECT_EQ(rig.faults.least_kbps, 1000u);
    EXPECT_TRUE(eventually(20s, [&] { return rig.faults.last_kbps == 4000; }));
    EXPECT_EQ(rig.faults.encoders, 1);
    EXPECT_GT(rig.session->stats().keyframes, keyframes);
    EXPECT_EQ(rig.session->stats().rebuilds, 0u);
    EXPECT_LE(rig.largest, kMaxUnitBytes);
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

// Of most frames only what the compositor calls damaged is converted.
TEST(Pipeline, AMovingDesktopIsWhatIsDecoded) {
    Rig rig;
    const auto display = rig.displays->create({640, 360, 60});
    ASSERT_TRUE(display) << display.error().message;
    const Outbox outbox;
    std::filesystem::copy_file(PUNKTFUNK_MOTION, outbox.file("motion"));  // where the session's user can look
    const auto motion =
        (*display)->run({.command = outbox.file("motion").string(), .directory = {}, .environment = {}});
    ASSERT_TRUE(motion) << motion.error().message;
    const auto capture = capture::make_screencopy_source((*display)->target());
    ASSERT_TRUE(capture) << capture.error().message;
    const auto encoder = encode::make_encoder(
        {.codec = encode::Codec::H264, .width = 640, .height = 360, .bitrate_kbps = 40'000}, rig.encoders);
    ASSERT_TRUE(encoder) << encoder.error().message;
    const auto decoder = media::VideoDecoder::open(media::Codec::H264);
    ASSERT_TRUE(decoder) << decoder.error().message;
    int partly = 0;
    for (int i = 0; i < 200 && partly < 60; ++i) {
        const auto frame = (*capture)->next_frame(5s, -1);
        ASSERT_TRUE(frame) << frame.error().message;
        if ((*frame)->width != 640 || (*frame)->height != 360) continue;
        const auto unit = (*encoder)->encode(**frame, false);
        ASSERT_TRUE(unit) << unit.error().message;
        ASSERT_TRUE((*decoder)->decode(unit->data));
        if (!(*frame)->changed || (*frame)->changed->width * (*frame)->changed->height > 640 * 360 / 2) continue;
        ++partly;
        Picture shown{640, 360, {}};
        for (uint32_t y = 0; y < 360; ++y) {
            const uint8_t* row = (*frame)->pixels + size_t{y} * (*frame)->stride;
            for (uint32_t x = 0; x < 640; ++x)
                shown.rgb.insert(shown.rgb.end(), {row[4 * x + 2], row[4 * x + 1], row[4 * x]});
        }
        const auto seen = (*decoder)->picture();
        ASSERT_TRUE(seen) << seen.error().message;
        ASSERT_GT(psnr(shown, {seen->width, seen->height, seen->pixels}), 30.5) << i;
    }
    EXPECT_EQ(partly, 60) << "nothing of this was seen: no small damage";
}

TEST(Pipeline, InputThatFailsOnceIsOpenedAgain) {
    Rig rig;
    const wire::InputEvent motion{.kind = wire::InputKind::MouseMove, .x = 1};
    rig.faults.inputs_that_fail = 1;
    rig.session->inject(motion);
    ASSERT_TRUE(eventually(10s, [&] { return rig.faults.inputs_that_fail == 0; }));
    rig.session->inject(motion);
    EXPECT_TRUE(eventually(10s, [&] { return rig.faults.injected > 0; }));
    EXPECT_EQ(rig.session->stats().rebuilds, 0u);
}

// Clients that see nothing ask for keyframes, some of them all the time.
TEST(Pipeline, ADisplayWithoutAPictureIsMadeAnewWhateverTheClientAsksFor) {
    Rig rig;
    rig.faults.pictures = false;
    rig.faults.captures_that_fail = 1;
    ASSERT_TRUE(eventually(10s, [&] { return rig.faults.captures == 2; }));
    EXPECT_TRUE(eventually(30s, [&] {
        rig.session->request_keyframe();
        return rig.faults.displays == 2;
    }));
    rig.faults.pictures = true;
    EXPECT_TRUE(rig.flows());
}

}  // namespace punktfunk::test
