// A desktop without a compositor, for tests of what is around it: a grey picture that stands still, and an encoder that
// makes a few bytes of it. Programs do run.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::test {

class GreyDisplay final : public display::VirtualDisplay {
  public:
    explicit GreyDisplay(const display::Mode& mode) : mode_(mode) {}
    [[nodiscard]] display::Mode mode() const override { return mode_; }
    [[nodiscard]] display::WaylandTarget target() const override { return {}; }
    Result<void> set_mode(const display::Mode& mode) override {
        mode_ = mode;
        return {};
    }
    Result<display::SessionProcess> run(const display::Program& program) override {
        return display::SessionProcess::start({.program = "/bin/sh",
                                               .arguments = {"-c", program.command},
                                               .environment = program.environment,
                                               .log_file = "/dev/null",
                                               .directory = program.directory},
                                              {.uid = ::geteuid(), .gid = ::getegid(), .name = "test", .home = "/"});
    }

  private:
    display::Mode mode_;
};

class GreyDesktops final : public display::DisplayBackend {
  public:
    [[nodiscard]] std::string_view name() const override { return "grey"; }
    [[nodiscard]] std::string description() const override { return "a grey picture"; }
    Result<std::unique_ptr<display::VirtualDisplay>> create(const display::Mode& mode) override {
        return std::make_unique<GreyDisplay>(mode);
    }
};

inline constexpr display::Mode kGreyMode{64, 64, 30};

// The picture once, and then nothing changes.
class GreyPicture final : public capture::FrameSource {
  public:
    Result<const capture::Frame*> next_frame(std::chrono::milliseconds timeout, int wake_fd) override {
        if (std::exchange(shown_, true)) {
            pollfd wake{.fd = wake_fd, .events = POLLIN, .revents = 0};
            (void)::poll(&wake, 1, static_cast<int>(timeout.count()));
            return fail(ErrorCode::Timeout, "the picture stands still");
        }
        frame_.captured_ns = frame_.acquired_ns = realtime_ns();
        return &frame_;
    }

  private:
    std::vector<uint8_t> pixels_ = std::vector<uint8_t>(kGreyMode.width * kGreyMode.height * 4, 0x80);
    capture::Frame frame_{
        .pixels = pixels_.data(), .width = kGreyMode.width, .height = kGreyMode.height, .stride = kGreyMode.width * 4};
    bool shown_ = false;
};

class GreyEncoder final : public encode::VideoEncoder {
  public:
    [[nodiscard]] std::string_view name() const override { return "grey"; }
    Result<encode::AccessUnit> encode(const capture::Frame&, bool force_keyframe) override {
        return encode::AccessUnit{.data = unit_, .keyframe = force_keyframe};
    }
    Result<void> set_bitrate(uint32_t) override { return {}; }

  private:
    std::array<uint8_t, 100> unit_{};
};

// `desktops` must outlive whatever uses them.
inline stream::PipelineParts grey_parts(GreyDesktops& desktops) {
    return {.display = &desktops,
            .open_capture = [](const auto&) { return std::make_unique<GreyPicture>(); },
            .open_encoder = [](const auto&) { return std::make_unique<GreyEncoder>(); },
            .open_input = [](const auto&...) -> Result<std::unique_ptr<input::InputSink>> {
                return fail(ErrorCode::NotAvailable, "a picture takes no input");
            },
            .open_sound = {},
            .open_microphone = {}};
}

}  // namespace punktfunk::test
