// Where a session's access units go: the one thing that differs between the wire protocols.
#pragma once

#include <cstdint>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/error.hpp"

namespace punktfunk::stream {

// One encoded picture on its way out. Timestamps are CLOCK_REALTIME.
struct EncodedFrame {
    ByteView data;  // valid during VideoSink::send
    uint64_t pts_ns = 0;
    bool keyframe = false;
    uint64_t encode_us = 0;  // conversion and encoder
};

// Called on the session's send thread only.
class VideoSink {
  public:
    virtual ~VideoSink() = default;
    // Finds the client's data socket. wake_fd becomes readable when the session is being stopped.
    virtual Result<void> open(int wake_fd) = 0;
    // Answers when the last packet was handed to the kernel (CLOCK_REALTIME ns). An error ends the session.
    virtual Result<uint64_t> send(const EncodedFrame& frame) = 0;
    // Called between frames: does a little of what else the sink has to do, and answers when it wants to be called
    // again, should no frame come before. An error ends the session.
    virtual Result<SteadyClock::time_point> idle() { return SteadyClock::time_point::max(); }
};

}  // namespace punktfunk::stream
