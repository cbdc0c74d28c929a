// punktfunk/1's end of a stream: access units into the sealed data plane.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "peer_route.hpp"
#include "probe_burst.hpp"
#include "punktfunk/session/video_sender.hpp"
#include "punktfunk/stream/video_sink.hpp"
#include "sink_controls.hpp"

namespace punktfunk::native {

// When the frame left, as told to clients that asked (datagram 0xCF): microseconds after pts.
struct FrameTiming {
    uint64_t pts_ns = 0;
    uint32_t total_us = 0, queue_us = 0, encode_us = 0, pace_us = 0;
};

// Called on the send thread.
struct SinkEvents {
    std::function<void(const FrameTiming&)> sent;
    // The client's machine says that nobody listens at the data port.
    std::function<void()> refused;
    std::function<void(const wire::ProbeResult&)> burst_over;
};

struct SinkSetup {
    session::SessionConfig config;
    net::Endpoint announced;  // the client's address and the port of its Start
    std::shared_ptr<PeerRoute> route;
    std::shared_ptr<SinkControls> controls;
    bool probe_numbers = false;  // the client keeps filler apart from frames (video_caps 0x10)
};

class NativeVideoSink final : public stream::VideoSink {
  public:
    NativeVideoSink(SinkSetup setup, net::UdpSocket socket, SinkEvents events);
    Result<void> open(int wake_fd) override;
    Result<uint64_t> send(const stream::EncodedFrame& frame) override;
    Result<SteadyClock::time_point> idle() override;

  private:
    void follow_controls();
    void tell_refusals();

    SinkSetup setup_;
    std::optional<net::UdpSocket> socket_;  // until open() hands it to the sender
    SinkEvents events_;
    std::optional<session::VideoSender> sender_;
    std::optional<ProbeBurst> burst_;
    uint64_t refusals_seen_ = 0;
};

}  // namespace punktfunk::native
