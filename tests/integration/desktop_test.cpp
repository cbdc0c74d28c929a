// The host's hands on a real desktop: outputs at exact modes, exact pixels out of them, events into them.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "host_fixture.hpp"
#include "picture.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/capture/frame_source.hpp"
#include "punktfunk/display/display.hpp"
#include "punktfunk/input/input_sink.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

// An embedded desktop with the given programs in it, and a directory that its user can write to.
class Desktop {
  public:
    explicit Desktop(const display::Mode& mode, std::vector<std::string> startup = {}) {
        auto backend = display::make_sway_backend({.runtime_dir = directory_.path(),
                                                   .attach_socket = {},
                                                   .embedded_only = true,
                                                   .session_user = "punktfunk",
                                                   .startup = std::move(startup),
                                                   .demo_desktop = false,
                                                   .motion_program = {},
                                                   .runtime_dirs_to_scan = {}});
        if (!backend) throw std::runtime_error(backend.error().message);
        backend_ = std::move(*backend);
        auto display = backend_->create(mode);
        if (!display) throw std::runtime_error(display.error().message);
        display_ = std::move(*display);
    }
    display::VirtualDisplay& display() { return *display_; }

  private:
    TempDir directory_;
    std::unique_ptr<display::DisplayBackend> backend_;
    std::unique_ptr<display::VirtualDisplay> display_;
};

// A directory for what programs inside the desktop write.
struct Outbox {
    TempDir directory;
    Outbox() { std::filesystem::permissions(directory.path(), std::filesystem::perms::all); }
    [[nodiscard]] std::filesystem::path file(const char* name) const { return directory.path() / name; }
};

std::string content(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

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

void press(input::InputSink& sink, uint32_t virtual_key) {
    ASSERT_TRUE(sink.inject({.kind = wire::InputKind::KeyDown, .code = virtual_key}));
    ASSERT_TRUE(sink.inject({.kind = wire::InputKind::KeyUp, .code = virtual_key}));
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

TEST(Desktop, KeysArriveWithTheirModifiers) {
    const Outbox outbox;
    Desktop desktop({640, 360, 60}, {"foot sh -c 'touch " + outbox.file("ready").string() + "; cat > " +
                                     outbox.file("typed").string() + "'"});
    auto sink = input::make_wayland_sink(desktop.display().target());
    ASSERT_TRUE(sink) << sink.error().message;
    ASSERT_TRUE(eventually(10s, [&] { return std::filesystem::exists(outbox.file("ready")); }));
    constexpr uint32_t kShift = 0xa0, kEnter = 0x0d;
    // Whether the terminal has the focus yet only its echo tells: type until it does.
    ASSERT_TRUE(eventually(10s, [&] {
        press(**sink, 'X');
        press(**sink, kEnter);
        return content(outbox.file("typed")).find('x') != std::string::npos;
    }));
    for (const char key : {'A', 'Z', '0', '9'}) press(**sink, static_cast<uint32_t>(key));
    ASSERT_TRUE((*sink)->inject({.kind = wire::InputKind::KeyDown, .code = kShift}));
    for (const uint32_t key : {uint32_t{'A'}, uint32_t{'1'}, 0xbau}) press(**sink, key);
    ASSERT_TRUE((*sink)->inject({.kind = wire::InputKind::KeyUp, .code = kShift}));
    press(**sink, 0xbf);
    press(**sink, kEnter);
    EXPECT_TRUE(eventually(5s, [&] { return content(outbox.file("typed")).ends_with("az09A!:/\n"); }))
        << content(outbox.file("typed"));
}

TEST(Desktop, PointerButtonsAndWheelArriveWhereTheyShould) {
    const Outbox outbox;
    Desktop desktop({1280, 720, 60}, {"stdbuf -oL wev -f wl_pointer > " + outbox.file("events").string() + " 2>&1"});
    auto sink = input::make_wayland_sink(desktop.display().target());
    ASSERT_TRUE(sink) << sink.error().message;
    const auto events = [&] { return content(outbox.file("events")); };
    // The client's surface is 1920x1080; the middle of it is the middle of the output.
    const auto move = [&](int32_t x, int32_t y) {
        return (*sink)->inject({.kind = wire::InputKind::MouseMoveAbs, .x = x, .y = y, .flags = 1920u << 16 | 1080u});
    };
    ASSERT_TRUE(eventually(10s, [&] {
        EXPECT_TRUE(move(100, 100));
        EXPECT_TRUE(move(960, 540));
        return events().find("x, y: 64") != std::string::npos || events().find("x, y: 63") != std::string::npos;
    })) << events();
    ASSERT_TRUE((*sink)->inject({.kind = wire::InputKind::MouseButtonDown, .code = 3}));
    ASSERT_TRUE((*sink)->inject({.kind = wire::InputKind::MouseButtonUp, .code = 3}));
    ASSERT_TRUE((*sink)->inject({.kind = wire::InputKind::MouseScroll, .code = 0, .x = 120}));
    EXPECT_TRUE(eventually(5s, [&] { return events().find("axis") != std::string::npos; })) << events();
    EXPECT_NE(events().find("right"), std::string::npos) << events();
}

TEST(Desktop, ASinkThatGoesReleasesWhatIsHeld) {
    const Outbox outbox;
    Desktop desktop({640, 360, 60}, {"stdbuf -oL wev -f wl_keyboard > " + outbox.file("events").string() + " 2>&1"});
    const auto events = [&] { return content(outbox.file("events")); };
    {
        auto sink = input::make_wayland_sink(desktop.display().target());
        ASSERT_TRUE(sink) << sink.error().message;
        ASSERT_TRUE(eventually(10s, [&] {
            press(**sink, 'Q');
            return events().find("state: 1 (pressed)") != std::string::npos;
        }));
        ASSERT_TRUE((*sink)->inject({.kind = wire::InputKind::KeyDown, .code = 'W'}));
        ASSERT_TRUE(eventually(5s, [&] { return events().find("sym: w") != std::string::npos; }));
    }
    EXPECT_TRUE(eventually(5s, [&] {
        const std::string text = events();
        return text.find("state: 0 (released)", text.find("sym: w")) != std::string::npos;
    })) << events();
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
