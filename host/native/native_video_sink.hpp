// punktfunk/1's end of a stream: access units into the sealed data plane.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "peer_route.hpp"
#include "punktfunk/session/video_sender.hpp"
#include "punktfunk/stream/video_sink.hpp"

namespace punktfunk::native {

// When the frame left, as told to clients that asked (datagram 0xCF): microseconds after pts.
struct FrameTiming {
    uint64_t pts_ns = 0;
    uint32_t total_us = 0, queue_us = 0, encode_us = 0, pace_us = 0;
};

class NativeVideoSink final : public stream::VideoSink {
  public:
    NativeVideoSink(session::SessionConfig config, net::UdpSocket socket, net::Endpoint announced,
                    std::shared_ptr<PeerRoute> route, std::function<void(const FrameTiming&)> on_sent);
    Result<void> open(int wake_fd) override;
    Result<uint64_t> send(const stream::EncodedFrame& frame) override;

  private:
    // Whether the client's machine has said, and said again, that nobody listens at the data port: the client was
    // killed, and QUIC would notice only after its idle timeout.
    [[nodiscard]] bool peer_is_gone();

    session::SessionConfig config_;
    std::optional<net::UdpSocket> socket_;  // until open() hands it to the sender
    net::Endpoint announced_;               // the client's address and the port of its Start
    std::shared_ptr<PeerRoute> route_;
    std::function<void(const FrameTiming&)> on_sent_;
    std::optional<session::VideoSender> sender_;
    uint64_t refusals_seen_ = 0;
    std::optional<SteadyClock::time_point> first_refusal_;
};

}  // namespace punktfunk::native
