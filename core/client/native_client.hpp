// NativeClient: the punktfunk/1 connector every client embeds (spec §2.9, §8.10). It owns two threads (control: QUIC;
// receive: UDP) and hands out each plane (video, audio, rumble, HID output) through a bounded queue of its own, so that
// every plane can have a thread of its own. A full queue drops the newest.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/client/bitrate_controller.hpp"
#include "punktfunk/client/probe_meter.hpp"
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
    // A host that answers, but does not let this device in (yet): somebody there may have to approve it. With a wait,
    // connect() calls on_waiting, once, and gives that person so long.
    std::chrono::milliseconds approval_wait{0};
    std::function<void()> on_waiting;
    // The bitrate follows the path, from the one that Welcome names. Off by itself when the host cannot change its
    // rate.
    std::optional<BitrateLimits> follow_path;
    int cancel_fd = -1;  // not owned; when it becomes readable before the stream begins, connect() ends with Closed
};

// One received access unit. Times are this machine's CLOCK_REALTIME, pts_ns is the host's clock.
struct ReceivedFrame {
    session::FrameBuffer data;
    uint32_t frame_index = 0;
    uint64_t pts_ns = 0;
    uint32_t user_flags = 0;
    uint64_t first_packet_ns = 0;  // first datagram of the frame arrived
    uint64_t completed_ns = 0;     // reassembled
    uint32_t recovered_shards = 0;
};

// One Opus packet: 48 kHz stereo, 5 ms (spec §5.1). Empty: silence, conceal.
struct ReceivedAudio {
    Bytes opus;
    uint32_t seq = 0;
    uint64_t pts_ns = 0;  // the host's clock
};

// Host-side timing of one frame (0xCF): microseconds since its pts.
struct HostTiming {
    uint64_t pts_ns = 0;
    uint32_t sent_us = 0;
    uint32_t queue_us = 0, encode_us = 0, pace_us = 0;
    bool detailed = false;
};

// How often the host had to make its display, capture or encoder anew, and how long it had no picture then.
struct PipelineGaps {
    uint32_t count = 0, longest_ms = 0;
};

class NativeClient {
  public:
    // Blocks at most options.timeout, or options.approval_wait on top. Rejected with the close code's words when the
    // host refuses, Crypto on a pin mismatch, Timeout, Io; Closed when cancelled.
    static Result<std::unique_ptr<NativeClient>> connect(const ConnectOptions& options);
    ~NativeClient();  // closes with Ok "client closed", joins

    [[nodiscard]] const wire::Welcome& welcome() const;
    [[nodiscard]] wire::Mode mode() const;  // the mode in force
    [[nodiscard]] crypto::Fingerprint host_fingerprint() const;
    [[nodiscard]] std::optional<wire::ClockEstimate> clock() const;
    [[nodiscard]] size_t receive_buffer_bytes() const;  // of the video's socket, as the kernel granted it

    // Any thread. The next frame in completion order; Timeout when none came. After the session's end: Closed when the
    // host ended it in good order, Rejected when it refused, Io when it vanished. The queue holds 16 frames.
    Result<ReceivedFrame> next_frame(std::chrono::milliseconds timeout);
    // The other planes answer alike. Queues: audio 64, rumble 16 (the host repeats its state every 500 ms), HID output
    // 32.
    Result<ReceivedAudio> next_audio(std::chrono::milliseconds timeout);
    Result<wire::Rumble> next_rumble(std::chrono::milliseconds timeout);
    Result<wire::HidOutput> next_hid_output(std::chrono::milliseconds timeout);
    std::optional<HostTiming> take_host_timing(uint64_t pts_ns);

    // Any thread; queue and forget. False once the session is over.
    bool send_input(const wire::InputEvent& event);
    bool send_mic(const wire::MicPacket& packet);  // the bytes are copied
    bool send_rich_input(const wire::RichInput& input);
    bool request_keyframe();
    bool request_mode(const wire::Mode& mode);    // the answer shows in mode()
    bool set_bitrate(uint32_t kbps);              // the answer shows in bitrate_kbps()
    [[nodiscard]] uint32_t bitrate_kbps() const;  // the host's word
    // A burst of filler from the host (spec §4.10); starts probe_report() from zero.
    bool start_probe(const wire::ProbeRequest& request);
    [[nodiscard]] ProbeReport probe_report() const;

    [[nodiscard]] session::ReassemblyStats stats() const;
    [[nodiscard]] PipelineGaps pipeline_gaps() const;
    [[nodiscard]] uint64_t frames_dropped_in_queue() const;

  private:
    struct State;
    explicit NativeClient(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::client
