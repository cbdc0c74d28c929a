#include "frame_turns.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <vector>

#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::stream {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

struct Presented {
    int taken = 0;
    std::vector<int> left_out;
};
template <typename IntervalOf>
Presented present(int pictures, uint32_t refresh_hz, IntervalOf&& interval_of) {
    Presented seen;
    FrameTurns turns;
    auto now = SteadyClock::now();
    for (int i = 0; i < pictures; ++i) {
        if (turns.take(now, refresh_hz)) {
            ++seen.taken;
        } else {
            seen.left_out.push_back(i);
        }
        now += interval_of(i);
    }
    return seen;
}

TEST(FrameTurns, OneIsLeftOutNowAndThen) {
    const auto seen = present(625, 60, [](int) { return 16'000us; });  // ten seconds
    EXPECT_NEAR(seen.taken, 600, 3);
    for (size_t i = 1; i < seen.left_out.size(); ++i) EXPECT_GE(seen.left_out[i] - seen.left_out[i - 1], 24);
    EXPECT_NEAR(present(1250, 60, [](int) { return 8'000us; }).taken, 600, 3);
}

TEST(FrameTurns, NoneIsLeftOutOfWhatIsNotTooMany) {
    EXPECT_EQ(present(600, 60, [](int i) { return i % 2 == 0 ? 6'667us : 26'667us; }).taken, 600) << "unevenly";
    EXPECT_EQ(present(600, 60, [](int) { return 16'667us; }).taken, 600);
    EXPECT_EQ(present(10, 60, [](int) { return 1'000'000us; }).taken, 10);
}

TEST(FrameTurns, WhatAStallHasCostIsCaughtUpOn) {
    const auto seen = present(62, 60, [](int i) { return i % 20 == 10 ? 32'000us : 16'000us; });
    EXPECT_EQ(seen.taken, 62);
}

// --- a session whose parts are all made up ---------------------------------------------------------------------------

constexpr uint32_t kPictures = 30, kHz = 30;

class Display final : public display::VirtualDisplay {
  public:
    explicit Display(const display::Mode& mode) : mode_(mode) {}
    [[nodiscard]] display::Mode mode() const override { return mode_; }
    [[nodiscard]] display::WaylandTarget target() const override { return {}; }
    Result<void> set_mode(const display::Mode&) override { return {}; }

  private:
    display::Mode mode_;
};

class Displays final : public display::DisplayBackend {
  public:
    [[nodiscard]] std::string_view name() const override { return "none"; }
    [[nodiscard]] std::string description() const override { return "none"; }
    Result<std::unique_ptr<display::VirtualDisplay>> create(const display::Mode& mode) override {
        return std::make_unique<Display>(mode);
    }
};

// All its pictures at once, and then none any more.
class Burst final : public capture::FrameSource {
  public:
    Result<const capture::Frame*> next_frame(std::chrono::milliseconds timeout, int wake_fd) override {
        if (frame_.sequence == kPictures) {
            pollfd woken{wake_fd, POLLIN, 0};
            (void)::poll(&woken, 1, static_cast<int>(timeout.count()));
            return fail(ErrorCode::Timeout, "it stands still");
        }
        ++frame_.sequence;
        return &frame_;
    }

  private:
    std::array<uint8_t, 16> pixels_{};
    capture::Frame frame_{.pixels = pixels_.data(), .width = 2, .height = 2, .stride = 8};
};

// The access unit says which picture it is of.
class Numbering final : public encode::VideoEncoder {
  public:
    [[nodiscard]] std::string_view name() const override { return "none"; }
    Result<encode::AccessUnit> encode(const capture::Frame& frame, bool keyframe) override {
        unit_[0] = static_cast<uint8_t>(frame.sequence);
        return encode::AccessUnit{.data = unit_, .keyframe = keyframe};
    }
    Result<void> set_bitrate(uint32_t) override { return {}; }

  private:
    std::array<uint8_t, 1> unit_{};
};

class Input final : public input::InputSink {
  public:
    Result<void> inject(std::span<const wire::InputEvent>) override { return {}; }
    [[nodiscard]] input::KeyboardLocks locks() const override { return {}; }
};

struct Sent {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<uint8_t> pictures;
};
class Sink final : public VideoSink {
  public:
    explicit Sink(Sent& sent) : sent_(sent) {}
    Result<void> open(int) override { return {}; }
    Result<uint64_t> send(const EncodedFrame& frame) override {
        const std::lock_guard lock(sent_.mutex);
        sent_.pictures.push_back(frame.data[0]);
        sent_.changed.notify_all();
        return realtime_ns();
    }

  private:
    Sent& sent_;
};

TEST(FrameTurns, ThePictureAtRestIsSentHoweverEarlyItCame) {
    Displays displays;
    Sent sent;
    std::promise<void> ready;
    StreamSession session({.display = &displays,
                           .open_capture = [](const display::WaylandTarget&) { return std::make_unique<Burst>(); },
                           .open_encoder = [](const encode::EncoderConfig&) { return std::make_unique<Numbering>(); },
                           .open_input = [](const display::WaylandTarget&,
                                            const input::KeyboardLocks&) { return std::make_unique<Input>(); }},
                          {.mode = {2, 2, kHz}, .label = "test"},
                          {.ready = [&](Result<std::string>) { ready.set_value(); }});
    ready.get_future().wait();
    session.begin(std::make_unique<Sink>(sent));
    std::unique_lock lock(sent.mutex);
    EXPECT_TRUE(
        sent.changed.wait_for(lock, 10s, [&] { return !sent.pictures.empty() && sent.pictures.back() == kPictures; }));
    EXPECT_LT(std::ranges::count_if(sent.pictures, [](uint8_t picture) { return picture < kPictures; }), kPictures / 2);
}

}  // namespace
}  // namespace punktfunk::stream
