// The client's end of the data plane: punch, receive, open, reassemble (spec §4.1, §4.7). One thread calls poll().
#pragma once

#include <chrono>
#include <functional>

#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/session/arrival_meter.hpp"
#include "punktfunk/session/reassembler.hpp"

namespace punktfunk::session {

// What came of the latest burst of filler (spec §4.10): packets, headers of IPv4 and UDP counted.
struct FillerArrivals {
    uint64_t packets = 0, wire_bytes = 0;
    SteadyClock::time_point first, last;
};

class VideoReceiver {
  public:
    // `socket` is bound to the port announced in Start; it is connected to `host` here. With `filler_apart`, filler has
    // frame numbers of its own (video_caps 0x10).
    static Result<VideoReceiver> create(const SessionConfig& config, net::UdpSocket socket, const net::Endpoint& host,
                                        bool filler_apart = false);
    VideoReceiver(VideoReceiver&&) noexcept;
    VideoReceiver& operator=(VideoReceiver&&) noexcept;
    ~VideoReceiver();

    // Sends punches that are due, waits at most `timeout` for datagrams and calls `on_frame` for every completed frame.
    // wake_fd (eventfd) makes it return early.
    Result<void> poll(std::chrono::milliseconds timeout, int wake_fd, const std::function<void(Frame)>& on_frame);
    [[nodiscard]] ReassemblyStats stats() const;
    [[nodiscard]] const FillerArrivals& filler() const;
    [[nodiscard]] ArrivalMeter& meter();

  private:
    struct State;
    explicit VideoReceiver(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::session
