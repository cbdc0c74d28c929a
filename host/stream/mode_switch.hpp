// A change of mode under way. The new encoder is opened and the display told on a thread of its own, while frames of
// the old size go on; what is left to do when the first frame of the new size arrives is to take the encoder.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::stream {

class ModeSwitch {
  public:
    // `config` is the session's with the new mode. `display` is used by nobody else while this lives. wake_fd (an
    // eventfd) is written to when ready() has become true.
    ModeSwitch(const PipelineParts& parts, const StreamConfig& config, display::VirtualDisplay& display, int wake_fd);

    [[nodiscard]] const display::Mode& mode() const { return mode_; }
    // Encoder and display are done, or have refused.
    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] bool refused() const { return ready_ && !encoder_; }
    [[nodiscard]] SteadyClock::duration age() const { return SteadyClock::now() - started_; }
    // Waits until ready(). Once: the encoder, or why the old mode stays.
    Result<std::unique_ptr<encode::VideoEncoder>> take();

  private:
    const display::Mode mode_;
    const SteadyClock::time_point started_ = SteadyClock::now();
    Result<std::unique_ptr<encode::VideoEncoder>> encoder_;
    std::atomic<bool> ready_{false};
    std::jthread thread_;  // last: joined first
};

}  // namespace punktfunk::stream
