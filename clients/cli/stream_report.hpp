// What a stream was like: counts and latency per stage, as text and as JSON.
#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/latency_samples.hpp"
#include "punktfunk/client/native_client.hpp"
#include "sound_receiver.hpp"

namespace punktfunk::cli {

class StreamReport {
  public:
    explicit StreamReport(std::optional<wire::ClockEstimate> clock) : clock_(clock) {}

    // Called for every frame that was decoded, with the client's time after decoding.
    void decoded(const client::ReceivedFrame& frame, uint64_t decoded_ns);
    // Looks for the host's timings of frames already counted; they travel by themselves and may come later.
    void collect_timings(client::NativeClient& client);

    uint64_t frames_received = 0, frames_lost = 0, frames_undecodable = 0, frames_failed = 0, keyframe_requests = 0;
    uint64_t frames_decoded = 0, bytes = 0;
    std::chrono::nanoseconds frame_interval{};  // of the mode; frames that take two from capture to here are late
    uint32_t bitrate_kbps = 0;                  // in force
    session::ReassemblyStats transport;
    client::PipelineGaps gaps;
    SoundCounts sound;
    SteadyClock::duration streamed{};
    SteadyClock::duration first_picture{};  // from before the connection was made
    std::string codec, mode;

    // "12 s  60.0 fps  9.8 Mb/s  latency 4.1 ms  lost 0  recovered 3" since the last call.
    std::string progress_line(SteadyClock::time_point now);
    [[nodiscard]] std::string text() const;
    [[nodiscard]] nlohmann::json json() const;

  private:
    struct Awaiting {
        uint64_t pts_ns, completed_ns;
    };
    struct Stage {
        const char* key;
        const char* label;
        LatencySamples samples;
    };
    // By the host's clock.
    [[nodiscard]] int64_t us_since_pts(uint64_t client_ns, uint64_t pts_ns) const;

    std::optional<wire::ClockEstimate> clock_;
    std::deque<Awaiting> awaiting_;
    Stage encoded_{"capture_to_encoded", "capture -> encoded", {}};
    Stage host_overhead_{"capture_to_sent_less_encode", "capture -> sent, less the encode", {}};
    Stage sent_{"encoded_to_sent", "encoded -> last packet sent", {}};
    Stage reassembled_{"sent_to_reassembled", "sent -> reassembled", {}};
    Stage decoded_{"reassembled_to_decoded", "reassembled -> decoded", {}};
    Stage arrived_{"capture_to_reassembled", "capture -> reassembled", {}};
    Stage total_{"capture_to_decoded", "capture -> decoded", {}};

    SteadyClock::time_point started_ = SteadyClock::now(), window_start_ = started_;
    uint64_t last_decoded_ns_ = 0;
    uint64_t frames_late_ = 0;
    int64_t longest_pause_us_ = 0;  // between two decoded frames
    uint64_t window_frames_ = 0, window_bytes_ = 0;
    LatencySamples window_latency_;
};

}  // namespace punktfunk::cli
