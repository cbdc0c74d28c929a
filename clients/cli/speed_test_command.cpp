#include <poll.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "connection.hpp"
#include "speed_ramp.hpp"

namespace punktfunk::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto kResultPatience = 5s;  // for the host's result
constexpr auto kStragglers = 200ms;   // packets that are still on their way when it comes
constexpr wire::Mode kSmall{640, 360, 30};
constexpr uint64_t kPacketBits = uint64_t{1500} * 8;
constexpr uint32_t kLittle = 500;  // kbit/s of video beside the bursts

double megabits(uint32_t kbps) {
    return kbps / 1000.0;
}

Result<void> keep_reading(client::NativeClient& connection, SteadyClock::time_point until, int stop_fd) {
    while (SteadyClock::now() < until) {
        pollfd stop{.fd = stop_fd, .events = POLLIN, .revents = 0};
        if (::poll(&stop, 1, 0) > 0) return fail(ErrorCode::Closed, "interrupted");
        auto frame = connection.next_frame(20ms);
        if (!frame && frame.error().code != ErrorCode::Timeout) return std::unexpected(std::move(frame.error()));
    }
    return {};
}

Result<Burst> run_burst(client::NativeClient& connection, uint32_t wire_kbps, int stop_fd) {
    // The host is asked for a rate of filler; parity and headers come on top of it.
    const double wire_for_filler =
        (1 + connection.welcome().fec_percent / 100.0) * 1500 / connection.welcome().shard_payload;
    const auto filler_kbps = std::max(1u, static_cast<uint32_t>(wire_kbps / wire_for_filler));
    if (!connection.start_probe({filler_kbps, SpeedRamp::kBurstMs})) return fail(ErrorCode::Closed, "the host is gone");
    const auto deadline = SteadyClock::now() + std::chrono::milliseconds(SpeedRamp::kBurstMs) + kResultPatience;
    while (!connection.probe_report().done) {
        if (SteadyClock::now() > deadline) return fail(ErrorCode::Timeout, "the host does not answer a speed test");
        if (auto read = keep_reading(connection, SteadyClock::now() + 20ms, stop_fd); !read)
            return std::unexpected(std::move(read.error()));
    }
    if (auto read = keep_reading(connection, SteadyClock::now() + kStragglers, stop_fd); !read)
        return std::unexpected(std::move(read.error()));
    const client::ProbeReport report = connection.probe_report();
    if (report.host_units == 0)
        return fail(ErrorCode::Rejected, "the host declined the speed test; it lets a client have a few a minute");
    Burst burst{.asked_kbps = wire_kbps, .sent_kbps = wire_kbps, .arrived_kbps = report.wire_kbps};
    if (const uint64_t sent = report.host_wire_packets; sent > 0) {
        burst.sent_kbps = static_cast<uint32_t>(sent * kPacketBits / SpeedRamp::kBurstMs);
        const uint64_t lost = sent > report.recv_wire_packets ? sent - report.recv_wire_packets : 0;
        burst.loss = static_cast<double>(lost) / static_cast<double>(sent);
    } else {
        burst.loss = report.loss_pct / 100;
    }
    return burst;
}

void print(const SpeedRamp& test, bool as_json) {
    if (as_json) {
        nlohmann::json bursts = nlohmann::json::array();
        for (const Burst& burst : test.bursts()) {
            bursts.push_back({{"asked_kbps", burst.asked_kbps},
                              {"sent_kbps", burst.sent_kbps},
                              {"arrived_kbps", burst.arrived_kbps},
                              {"loss", burst.loss}});
        }
        const nlohmann::json all = {{"path_kbps", test.path_kbps()},
                                    {"path_was_filled", test.filled()},
                                    {"recommended_kbps", test.recommended_kbps()},
                                    {"bursts", bursts}};
        return fmt::print("{}\n", all.dump(2));
    }
    for (const Burst& burst : test.bursts()) {
        fmt::print("  {:8.1f} Mb/s sent  {:8.1f} arrived  {:5.1f} % lost\n", megabits(burst.sent_kbps),
                   megabits(burst.arrived_kbps), 100 * burst.loss);
    }
    fmt::print("The path carries {}{:.1f} Mb/s.\n", test.filled() ? "" : "at least ", megabits(test.path_kbps()));
    fmt::print("Recommended: --bitrate {}\n", test.recommended_kbps());
}

}  // namespace

Result<void> test_speed(const SpeedTestOptions& options, int stop_fd) {
    wire::Hello hello{.mode = kSmall, .bitrate_kbps = kLittle, .name = options.name};
    hello.video_caps = wire::kCapProbeSequence | wire::kCapMultiSlice;
    hello.tail = wire::HelloTail{.video_codecs = wire::kCodecH264 | wire::kCodecHevc};
    auto connection =
        connect({options.host, options.config_dir, options.trust_on_first_use, {}}, std::move(hello), stop_fd);
    if (!connection) return std::unexpected(std::move(connection.error()));
    const bool live = ::isatty(STDERR_FILENO) == 1;
    SpeedRamp test;
    while (const auto kbps = test.next_kbps()) {
        if (live) fmt::print(stderr, "\r{:.1f} Mb/s ...\033[K", megabits(*kbps));
        auto burst = run_burst(**connection, *kbps, stop_fd);
        if (live) fmt::print(stderr, "\r\033[K");
        if (!burst) return std::unexpected(std::move(burst.error()));
        test.add(*burst);
    }
    print(test, options.json);
    return {};
}

}  // namespace punktfunk::cli
