// The client's end of the data plane: punch, receive, open, reassemble (spec §4.1, §4.7). One thread calls poll().
#pragma once

#include <chrono>
#include <functional>

#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/session/reassembler.hpp"

namespace punktfunk::session {

class VideoReceiver {
  public:
    // `socket` is bound to the port announced in Start; it is connected to `host` here.
    static Result<VideoReceiver> create(const SessionConfig& config, net::UdpSocket socket, const net::Endpoint& host);
    VideoReceiver(VideoReceiver&&) noexcept;
    VideoReceiver& operator=(VideoReceiver&&) noexcept;
    ~VideoReceiver();

    // Sends punches that are due, waits at most `timeout` for datagrams and calls `on_frame` for every completed frame.
    // wake_fd (eventfd) makes it return early.
    Result<void> poll(std::chrono::milliseconds timeout, int wake_fd, const std::function<void(Frame)>& on_frame);
    [[nodiscard]] ReassemblyStats stats() const;

  private:
    struct State;
    explicit VideoReceiver(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::session
