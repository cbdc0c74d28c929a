// Frames out of a display, as they are presented: damage-driven, never polled.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "punktfunk/base/error.hpp"
#include "punktfunk/display/display.hpp"

namespace punktfunk::capture {

enum class PixelFormat { Bgrx };  // bytes B,G,R,X in memory (XRGB8888 little-endian)

struct Area {
    uint32_t left = 0, top = 0, width = 0, height = 0;
};

// A picture that belongs to the source; valid until next_frame() answers another one (a Timeout keeps it valid).
struct Frame {
    const uint8_t* pixels = nullptr;
    uint32_t width = 0, height = 0, stride = 0;  // stride in bytes
    PixelFormat format = PixelFormat::Bgrx;
    uint64_t captured_ns = 0;     // CLOCK_REALTIME when the compositor presented it (falls back to when it was copied)
    uint64_t acquired_ns = 0;     // CLOCK_REALTIME when the picture was in this process's hands
    uint64_t sequence = 0;        // one more than the frame before; 0: not counted. No two sources count the same
    std::optional<Area> changed;  // all that differs from the frame before; nullopt: anything may. Within the picture
};

// One thread.
class FrameSource {
  public:
    virtual ~FrameSource() = default;
    // Waits for the next damaged frame. Timeout when the picture stood still (not an error: try again), Closed when the
    // output or compositor is gone or hangs, Io otherwise. wake_fd readable ends the wait with Timeout.
    // The first call answers the current picture at once.
    virtual Result<const Frame*> next_frame(std::chrono::milliseconds timeout, int wake_fd) = 0;
};

// Screencopy (wlr-screencopy-unstable-v1) of one output over shared memory.
Result<std::unique_ptr<FrameSource>> make_screencopy_source(const display::WaylandTarget& target);

}  // namespace punktfunk::capture
