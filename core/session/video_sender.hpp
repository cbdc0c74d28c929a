// The host's end of the data plane: access unit -> packetize + FEC + seal -> paced UDP (spec §4, §8.7).
// One thread.
#pragma once

#include <cstdint>

#include "punktfunk/net/paced_sender.hpp"
#include "punktfunk/session/packetizer.hpp"
#include "punktfunk/session/punch_listener.hpp"

namespace punktfunk::session {

struct SendReport {
    uint64_t first_packet_ns = 0, last_packet_ns = 0;  // CLOCK_REALTIME when handed to the kernel
    uint64_t packetize_ns = 0;                         // FEC + headers + seal
    size_t packets = 0, wire_bytes = 0;
};

class VideoSender {
  public:
    static Result<VideoSender> create(const SessionConfig& config, net::UdpSocket socket);

    Result<SendReport> send(ByteView access_unit, uint64_t pts_ns, uint32_t user_flags,
                            Numbering numbering = Numbering::Video);
    // What the path is asked to carry, headers of IPv4 and UDP counted; 0, as in the beginning: as fast as it comes.
    void set_pace(uint64_t bytes_per_second) { paced_.set_pace(bytes_per_second); }
    // Bytes on the path for one byte of a large access unit.
    [[nodiscard]] double wire_for_payload(uint8_t fec_percent) const {
        return wire_for_payload_ * (1 + fec_percent / 100.0);
    }
    void set_fec_percent(uint8_t percent) { packetizer_.set_fec_percent(percent); }
    // The client has moved to this address, as its control connection has proved. Video goes where the newest punch
    // from there comes from.
    Result<void> follow(const net::Endpoint& address);
    // It has, and no punch has come yet.
    [[nodiscard]] bool looking_for_peer() const { return listener_ && !found_; }
    [[nodiscard]] const net::SendStats& socket_stats() const { return socket_.send_stats(); }

  private:
    VideoSender(Packetizer packetizer, net::UdpSocket socket, net::PacedSender paced, double wire_for_payload);
    Result<void> follow_punches();
    Packetizer packetizer_;
    net::UdpSocket socket_;
    net::PacedSender paced_;
    double wire_for_payload_;
    std::optional<PunchListener> listener_;
    bool found_ = false;
};

// Host side of the punch (§4.1): waits on `socket` for a datagram that starts with "PFpunch1" from `peer`'s address,
// then connects to its source; after `timeout` connects to `fallback`. wake_fd ends the wait early with
// ErrorCode::Closed.
Result<net::Endpoint> await_punch(net::UdpSocket& socket, const net::Endpoint& fallback,
                                  std::chrono::milliseconds timeout, int wake_fd);

}  // namespace punktfunk::session
