// NativeClient: the punktfunk/1 connector every client embeds (spec §2.9, §8.10). It owns two threads (control: QUIC;
// receive: UDP) and hands out frames through a bounded queue.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/session/reassembler.hpp"
#include "punktfunk/wire/control.hpp"
#include "punktfunk/wire/datagram.hpp"

namespace punktfunk::client {

struct ConnectOptions {
    std::string host;  // IP literal
    uint16_t port = 9777;
    wire::Hello hello;  // mode, bitrate, name, codecs (tail)
    std::optional<crypto::Identity> identity;
    std::optional<crypto::Fingerprint> pin;
    std::chrono::milliseconds timeout{15000};
    int cancel_fd = -1;  // not owned; when it becomes readable before the stream begins, connect() ends with Closed
};

// One received access unit. Times are this machine's CLOCK_REALTIME, pts_ns is the host's clock.
struct ReceivedFrame {
    Bytes data;
    uint32_t frame_index = 0;
    uint64_t pts_ns = 0;
    uint32_t user_flags = 0;
    uint64_t first_packet_ns = 0;  // first datagram of the frame arrived
    uint64_t completed_ns = 0;     // reassembled
    uint32_t recovered_shards = 0;
};

// Host-side timing of one frame (0xCF): microseconds since its pts.
struct HostTiming {
    uint64_t pts_ns = 0;
    uint32_t sent_us = 0;
    uint32_t queue_us = 0, encode_us = 0, pace_us = 0;
    bool detailed = false;
};

class NativeClient {
  public:
    // Blocks at most options.timeout. Rejected with the close code's words when the host refuses, Crypto on a pin
    // mismatch, Timeout, Io; Closed when cancelled.
    static Result<std::unique_ptr<NativeClient>> connect(const ConnectOptions& options);
    ~NativeClient();  // closes with Ok "client closed", joins

    [[nodiscard]] const wire::Welcome& welcome() const;
    [[nodiscard]] wire::Mode mode() const;  // the mode in force
    [[nodiscard]] crypto::Fingerprint host_fingerprint() const;
    [[nodiscard]] std::optional<wire::ClockEstimate> clock() const;

    // Any thread. The next frame in completion order; Timeout when none came. After the session's end: Closed when the
    // host ended it in good order, Rejected when it refused, Io when it vanished. The queue holds 16 frames; when full
    // the newest is dropped and counted.
    Result<ReceivedFrame> next_frame(std::chrono::milliseconds timeout);
    // Gives a frame's buffer back for reuse.
    void recycle(ReceivedFrame frame);
    std::optional<HostTiming> take_host_timing(uint64_t pts_ns);

    // Any thread; queue and forget.
    void send_input(const wire::InputEvent& event);
    void request_keyframe();
    void request_mode(const wire::Mode& mode);

    [[nodiscard]] session::ReassemblyStats stats() const;
    [[nodiscard]] uint64_t frames_dropped_in_queue() const;

  private:
    struct State;
    explicit NativeClient(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::client
