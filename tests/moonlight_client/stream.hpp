// One streaming session, from /launch to its end, as a stock client holds it: RTSP, control, pings, video, sound, input
// (spec §4 to §8). It runs on a thread of its own; everything here may be called from another one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host_api.hpp"
#include "punktfunk/gs_control/messages.hpp"
#include "punktfunk/media/video_decoder.hpp"
#include "punktfunk/media/wav_file.hpp"
#include "sdp.hpp"

namespace punktfunk::moonlight_client {

struct StreamOptions {
    StreamWish wish;
    uint32_t app = 0;
    bool resume = false;
    uint32_t core_version = 1;              // 0: a client whose RTSP is plain
    uint32_t rtsp_sequence = 1;             // of this client's process so far
    double video_loss = 0, audio_loss = 0;  // of the datagrams that arrive, dropped before they are looked at
    uint32_t seed = 1;
};

// How a stock client's session ends (spec §8.6).
enum class EndCode : int {
    Graceful = 0,
    Disconnected = -1,
    NoVideoTraffic = -100,
    NoVideoFrame = -101,
    GracefulTooEarly = -102,
    ProtectedContent = -103,
    EncoderFailed = -104,
};

struct StreamReport {
    bool connected = false;  // the control stream
    uint64_t video_datagrams = 0, video_dropped = 0;
    uint64_t frames = 0, decoded = 0, decode_errors = 0;
    uint64_t idr_frames = 0, discarded = 0, frames_lost = 0, recovered_packets = 0;
    uint64_t idr_requests = 0, invalidations = 0, fec_reports = 0;
    uint64_t unprotected_frames = 0, full_frames = 0;  // without parity; in as many FEC blocks as there can be
    uint32_t most_shards = 0;                          // of a FEC block
    uint64_t audio_packets = 0, audio_recovered = 0, audio_lost = 0, audio_undecodable = 0;
    std::chrono::microseconds host_latency{0};               // of all frames together, as the host says it
    uint32_t width = 0, height = 0;                          // of the last picture
    std::optional<std::chrono::milliseconds> first_picture;  // after /launch was sent
    std::vector<gs_control::HostMessage> messages;           // of the host, termination among them
    std::optional<EndCode> ended;
    std::vector<std::string> faults;  // what a stock client trips over, or silently loses
};

class Stream {
  public:
    static Result<std::unique_ptr<Stream>> start(HostApi& api, const StreamOptions& options);
    ~Stream();  // as crash()

    [[nodiscard]] StreamReport report() const;
    // Until `wanted`, or `patience` is over, or the stream has ended.
    bool wait(std::chrono::milliseconds patience, const std::function<bool(const StreamReport&)>& wanted) const;
    [[nodiscard]] std::optional<media::RgbPicture> picture() const;  // the last one
    [[nodiscard]] media::Sound sound() const;                        // all of it

    void send(const gs_control::InputEvent& event);
    void request_idr();
    // What no client does: one sealed packet so many times, and a message that is not sealed.
    void send_again(const gs_control::ClientMessage& message, int times);
    void send_unsealed(const Bytes& message);

    // Window closed: says goodbye and waits for the host to hear it.
    void close();
    // Without a word.
    void crash();

  private:
    class Loop;
    explicit Stream(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace punktfunk::moonlight_client
