// A client's microphone, as a source that the session's programs can record from (spec §5.2).
#pragma once

#include <chrono>
#include <memory>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/display/display.hpp"

namespace punktfunk::audio {

// One thread. The source exists while the object does.
class Microphone {
  public:
    virtual ~Microphone() = default;
    // One Opus packet of at most 120 ms. ProtocolViolation when it is none: the next one may be good.
    virtual Result<void> play(ByteView opus) = 0;
    // Serves PipeWire until wake_fd is readable or the time is up. Closed when PipeWire is gone.
    virtual Result<void> wait(std::chrono::milliseconds timeout, int wake_fd) = 0;
};

// Blocks until the daemon answers, at most five seconds. NotAvailable, with what to do, when the session has none.
Result<std::unique_ptr<Microphone>> open_microphone(const display::SoundTarget& target);

}  // namespace punktfunk::audio
