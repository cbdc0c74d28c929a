// What a session's programs play: a sink of the session's own in its PipeWire.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

#include "punktfunk/base/error.hpp"
#include "punktfunk/display/display.hpp"

namespace punktfunk::audio {

constexpr uint32_t kRate = 48000;

struct SoundFormat {
    uint32_t channels = 2;         // 2, 6 (5.1) or 8 (7.1)
    uint32_t frame_samples = 240;  // a channel and frame
};

// One thread. The sink exists while the object does.
class SoundCapture {
  public:
    virtual ~SoundCapture() = default;
    // Waits for the next frame: channels * frame_samples interleaved values, valid until the next call. Timeout when
    // nothing was played (not an error: try again), Closed when PipeWire is gone. wake_fd readable ends the wait with
    // Timeout.
    virtual Result<std::span<const float>> next_frame(std::chrono::milliseconds timeout, int wake_fd) = 0;
    // Frames lost so far because next_frame() was called too late.
    [[nodiscard]] virtual uint64_t frames_lost() const = 0;
};

// Blocks until the daemon answers, at most five seconds. NotAvailable, with what to do, when the session has none.
Result<std::unique_ptr<SoundCapture>> open_sound_capture(const display::SoundTarget& target, const SoundFormat& format);

}  // namespace punktfunk::audio
