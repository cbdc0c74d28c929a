// Where a session's sound goes.
#pragma once

#include <cstdint>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::stream {

// Called on the session's sound thread only.
class SoundSink {
  public:
    virtual ~SoundSink() = default;
    // One Opus packet, valid during the call; pts_ns is CLOCK_REALTIME when it was encoded. Sound that cannot be sent
    // is lost and nothing else: there is no answer.
    virtual void send(ByteView opus, uint64_t pts_ns) = 0;
};

}  // namespace punktfunk::stream
