#include "stream_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace punktfunk::cli {

namespace {

// A frame whose timing has not come by then is counted without it.
constexpr size_t kMaxAwaiting = 128;

double milliseconds(int64_t us) {
    return static_cast<double>(us) / 1000;
}

double seconds(SteadyClock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

double megabits_per_second(uint64_t bytes, double over_seconds) {
    return over_seconds > 0 ? static_cast<double>(bytes) * 8e-6 / over_seconds : 0;
}

constexpr const char* kNotMeasured =
    "from the program's drawing to the capture, and from the decoded picture to a screen (this client has none)";

}  // namespace

int64_t StreamReport::us_since_pts(uint64_t client_ns, uint64_t pts_ns) const {
    // Offset and pts are the host's word, any 64 bits: unsigned, so that nonsense wraps around and nothing overflows.
    const auto offset = static_cast<uint64_t>(clock_ ? clock_->offset_ns : 0);
    return static_cast<int64_t>(client_ns + offset - pts_ns) / 1000;
}

void StreamReport::decoded(const client::ReceivedFrame& frame, uint64_t decoded_ns) {
    if (++frames_decoded > 1)
        longest_pause_us_ = std::max(longest_pause_us_, static_cast<int64_t>(decoded_ns - last_decoded_ns_) / 1000);
    last_decoded_ns_ = decoded_ns;
    bytes += frame.data.size();
    decoded_.samples.add(static_cast<int64_t>(decoded_ns - frame.completed_ns) / 1000);
    const int64_t arrived_us = us_since_pts(frame.completed_ns, frame.pts_ns);
    arrived_.samples.add(arrived_us);
    if (arrived_us * 1000 > 2 * frame_interval.count()) ++frames_late_;
    const int64_t total_us = us_since_pts(decoded_ns, frame.pts_ns);
    total_.samples.add(total_us);
    awaiting_.push_back({frame.pts_ns, frame.completed_ns});
    if (awaiting_.size() > kMaxAwaiting) awaiting_.pop_front();
    ++window_frames_;
    window_bytes_ += frame.data.size();
    window_latency_.add(total_us);
}

void StreamReport::collect_timings(client::NativeClient& client) {
    std::erase_if(awaiting_, [&](const Awaiting& frame) {
        const auto timing = client.take_host_timing(frame.pts_ns);
        if (!timing) return false;
        if (timing->detailed) {
            encoded_.samples.add(int64_t{timing->queue_us} + timing->encode_us);
            sent_.samples.add(timing->pace_us);
            host_overhead_.samples.add(int64_t{timing->sent_us} - timing->encode_us);
        }
        const int64_t since_pts_us = us_since_pts(frame.completed_ns, frame.pts_ns);
        reassembled_.samples.add(since_pts_us - timing->sent_us);
        return true;
    });
}

std::string StreamReport::progress_line(SteadyClock::time_point now) {
    const double window = seconds(now - window_start_);
    auto line = fmt::format("{:4.0f} s  {:5.1f} fps  {:6.2f} of {:.1f} Mb/s  latency {:5.1f} ms  lost {}  recovered {}",
                            seconds(now - started_), static_cast<double>(window_frames_) / std::max(window, 1e-3),
                            megabits_per_second(window_bytes_, window), bitrate_kbps / 1e3,
                            milliseconds(window_latency_.percentile(0.5)), frames_lost, transport.fec_recovered_shards);
    window_start_ = now;
    window_frames_ = window_bytes_ = 0;
    window_latency_ = {};
    return line;
}

std::string StreamReport::text() const {
    const double duration = seconds(streamed);
    std::string out = fmt::format("{} {}, {:.1f} s\n", mode, codec, duration);
    out += fmt::format(
        "  frames     {} received, {} decoded ({:.1f} fps), {} lost, {} not decodable after a loss, {} broken, {} "
        "late\n",
        frames_received, frames_decoded, static_cast<double>(frames_decoded) / std::max(duration, 1e-3), frames_lost,
        frames_undecodable, frames_failed, frames_late_);
    out += fmt::format(
        "  network    {:.2f} Mb/s of video (in the end {:.1f} allowed), {} packets, {} shards recovered by FEC, {} "
        "keyframes asked for\n",
        megabits_per_second(bytes, duration), bitrate_kbps / 1e3, transport.packets_received,
        transport.fec_recovered_shards, keyframe_requests);
    out += fmt::format("  start      {:.0f} ms from connecting to the first picture\n", seconds(first_picture) * 1000);
    if (gaps.count > 0)
        out += fmt::format("  host       made its picture anew {} times, {} ms without one at most\n", gaps.count,
                           gaps.longest_ms);
    out += fmt::format("  sound      {} packets, {} lost, {} late\n", sound.received, sound.lost, sound.late);
    out += fmt::format("  longest time without a new picture: {:.0f} ms\n", milliseconds(longest_pause_us_));
    out += fmt::format("  {:<32}{:>10}{:>10}{:>10}\n", "latency, ms", "p50", "p95", "p99");
    for (const Stage* stage : {&encoded_, &sent_, &host_overhead_, &reassembled_, &arrived_, &decoded_, &total_}) {
        out += fmt::format("  {:<32}", stage->label);
        if (stage->samples.count() == 0) {
            out += "     not told by this host\n";
            continue;
        }
        out +=
            fmt::format("{:>10.2f}{:>10.2f}{:>10.2f}\n", milliseconds(stage->samples.percentile(0.5)),
                        milliseconds(stage->samples.percentile(0.95)), milliseconds(stage->samples.percentile(0.99)));
    }
    if (clock_) {
        out += fmt::format("  clocks: host {:+.3f} ms ahead, known to within {:.3f} ms (half the round trip)\n",
                           static_cast<double>(clock_->offset_ns) / 1e6, static_cast<double>(clock_->rtt_ns) / 2e6);
    } else {
        out += "  clocks: the host answered no clock probe; stages across machines compare two unsynchronised clocks\n";
    }
    out += "  a frame can be complete before its last parity packet is sent: that stage may be negative\n";
    out += fmt::format("  not measured: {}\n", kNotMeasured);
    return out;
}

nlohmann::json StreamReport::json() const {
    const double duration = seconds(streamed);
    nlohmann::json latency;
    for (const Stage* stage : {&encoded_, &sent_, &host_overhead_, &reassembled_, &arrived_, &decoded_, &total_}) {
        latency[stage->key] = {{"samples", stage->samples.count()},
                               {"p50_us", stage->samples.percentile(0.5)},
                               {"p95_us", stage->samples.percentile(0.95)},
                               {"p99_us", stage->samples.percentile(0.99)}};
    }
    nlohmann::json report = {
        {"mode", mode},
        {"codec", codec},
        {"duration_s", duration},
        {"first_picture_ms", seconds(first_picture) * 1000},
        {"host_rebuilds", gaps.count},
        {"frames_received", frames_received},
        {"frames_decoded", frames_decoded},
        {"frames_lost", frames_lost},
        {"frames_undecodable", frames_undecodable},
        {"frames_failed", frames_failed},
        {"frames_late", frames_late_},
        {"keyframe_requests", keyframe_requests},
        {"video_mbps", megabits_per_second(bytes, duration)},
        {"bitrate_kbps", bitrate_kbps},
        {"longest_pause_us", longest_pause_us_},
        {"packets_received", transport.packets_received},
        {"packets_dropped", transport.packets_dropped},
        {"fec_recovered_shards", transport.fec_recovered_shards},
        {"sound",
         {{"packets", sound.received}, {"lost", sound.lost}, {"late", sound.late}, {"undecodable", sound.undecodable}}},
        {"latency", latency},
        {"not_measured", kNotMeasured}};
    if (clock_) report["clock"] = {{"offset_ns", clock_->offset_ns}, {"rtt_ns", clock_->rtt_ns}};
    return report;
}

}  // namespace punktfunk::cli
