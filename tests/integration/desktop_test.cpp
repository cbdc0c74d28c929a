// The host's hands on a real desktop: outputs at exact modes, exact pixels out of them.
#include "desktop.hpp"

#include <gtest/gtest.h>

#include "picture.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/capture/frame_source.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

// Pixels of the captured frame that are not exactly the painted ones.
size_t wrong_pixels(const capture::Frame& frame, const Picture& painted) {
    if (frame.width != painted.width || frame.height != painted.height) return SIZE_MAX;
    size_t wrong = 0;
    for (uint32_t y = 0; y < frame.height; ++y) {
        for (uint32_t x = 0; x < frame.width; ++x) {
            const uint8_t* seen = frame.pixels + size_t{y} * frame.stride + size_t{4} * x;
            const uint8_t* wanted = &painted.rgb[3 * (size_t{y} * painted.width + x)];
            if (seen[0] != wanted[2] || seen[1] != wanted[1] || seen[2] != wanted[0]) ++wrong;
        }
    }
    return wrong;
}

// Takes frames until one satisfies `wanted`.
// The pointer is in the picture.
constexpr size_t kCursorPixels = 32 * 32;

bool await_frame(capture::FrameSource& source, std::chrono::seconds patience,
                 const std::function<bool(const capture::Frame&)>& wanted) {
    const auto deadline = SteadyClock::now() + patience;
    while (SteadyClock::now() < deadline) {
        const auto frame = source.next_frame(100ms, -1);
        if (frame && wanted(**frame)) return true;
        if (!frame && frame.error().code != ErrorCode::Timeout) {
            ADD_FAILURE() << frame.error().message;
            return false;
        }
    }
    return false;
}

}  // namespace

TEST(Desktop, CapturesExactlyWhatIsPaintedAtOddStridesToo) {
    for (const display::Mode mode : {display::Mode{1280, 720, 60}, {1366, 768, 60}, {854, 480, 30}}) {
        const Outbox outbox;
        const auto program = outbox.file("paint"), dump = outbox.file("painted.ppm");
        std::filesystem::copy_file(PUNKTFUNK_MOTION, program);
        Desktop desktop(mode, {program.string() + " --pattern bars --dump " + dump.string()});
        EXPECT_EQ(desktop.display().mode(), mode);
        auto source = capture::make_screencopy_source(desktop.display().target());
        ASSERT_TRUE(source) << source.error().message;
        Picture painted;
        // It may paint at a size of its own before the desktop tells it to fill the output.
        ASSERT_TRUE(eventually(10s, [&] {
            if (std::filesystem::exists(dump)) painted = read_ppm(dump);
            return painted.width == mode.width && painted.height == mode.height;
        }));
        size_t wrong = SIZE_MAX;
        EXPECT_TRUE(await_frame(**source, 5s, [&](const capture::Frame& frame) {
            wrong = wrong_pixels(frame, painted);
            return wrong <= kCursorPixels;
        })) << wrong;
    }
}

TEST(Desktop, AStillPictureMakesNoFrames) {
    Desktop desktop({640, 360, 60});
    auto source = capture::make_screencopy_source(desktop.display().target());
    ASSERT_TRUE(source) << source.error().message;
    ASSERT_TRUE((*source)->next_frame(5s, -1)) << "the first call answers the current picture";
    int frames = 0;
    for (int i = 0; i < 10; ++i) frames += (*source)->next_frame(100ms, -1) ? 1 : 0;
    EXPECT_LE(frames, 3) << "the desktop has settled, nothing moves";
}

TEST(Desktop, ChangesItsModeAndTheCaptureFollows) {
    Desktop desktop({640, 360, 60});
    {
        auto source = capture::make_screencopy_source(desktop.display().target());
        ASSERT_TRUE(source) << source.error().message;
        ASSERT_TRUE(await_frame(**source, 5s,
                                [](const capture::Frame& frame) { return frame.width == 640 && frame.height == 360; }));
        ASSERT_TRUE(desktop.display().set_mode({1024, 600, 120}));
        EXPECT_EQ(desktop.display().mode(), (display::Mode{1024, 600, 120}));
        EXPECT_TRUE(await_frame(
            **source, 5s, [](const capture::Frame& frame) { return frame.width == 1024 && frame.height == 600; }));
    }
}

TEST(Desktop, GoesWithItsOwner) {
    std::string socket;
    {
        Desktop desktop({640, 360, 60});
        socket = desktop.display().target().socket_path;
        EXPECT_TRUE(std::filesystem::exists(socket));
        // Two at a time, each in a directory of its own.
        Desktop other({800, 600, 60});
        EXPECT_NE(other.display().target().socket_path, socket);
    }
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(socket).parent_path()));
}

}  // namespace punktfunk::test
