// A real host and a GameStream client that decodes, on this machine. The references are Sunshine 2026.8 with x264 on
// such a machine, as it was measured once: it does not run beside.
#include <fmt/core.h>

#include "cpu_time.hpp"
#include "moonlight.hpp"
#include "report.hpp"

namespace punktfunk::bench {

namespace {

using namespace std::chrono_literals;

constexpr const char* kSunshine = "Sunshine 2026.8, x264";

struct Figures {
    const char* mode;
    moonlight_client::StreamWish wish;
    double fps, cpu_ms, latency_ms, launch_ms;  // Sunshine's
};

void measure(Report& report, const Figures& theirs) {
    test::MoonlightHost host({"--max-concurrent", "0"});
    auto client = host.paired();
    const auto stream = host.stream(client, {.wish = theirs.wish});
    (void)stream->wait(20s, [](const auto& seen) { return seen.decoded > 0; });
    (void)stream->wait(4s, [](const auto&) { return false; });  // the desktop comes up
    const auto pid = host.host().process().pid();
    const auto before = stream->report();
    const double cpu_before = cpu_seconds(pid);
    const auto began = SteadyClock::now();
    (void)stream->wait(10s, [](const auto&) { return false; });
    const double took = std::chrono::duration<double>(SteadyClock::now() - began).count();
    const double cpu = cpu_seconds(pid) - cpu_before;
    const auto after = stream->report();
    const auto status = host.host().status();
    if (!after.first_picture || after.frames == before.frames || status["sessions"].empty()) return;
    const auto frames = static_cast<double>(after.frames - before.frames);
    const auto& overhead = status["sessions"][0]["latency_us"]["host"];
    const auto add = [&](const char* what, const char* unit, double ours, double reference, bool less_is_better,
                         std::string note) {
        report.add({.name = fmt::format("moonlight.{}.{}", what, theirs.mode),
                    .unit = unit,
                    .ours = ours,
                    .reference = reference,
                    .reference_name = kSunshine,
                    .ratio = less_is_better ? reference / ours : ours / reference,
                    .wanted_ratio = 1,
                    .note = std::move(note)});
    };
    add("fps", "fps", static_cast<double>(after.decoded - before.decoded) / took, theirs.fps, false,
        fmt::format("{} asked for; {} lost, {} late for want of their turn", theirs.wish.fps,
                    after.frames_lost - before.frames_lost, after.discarded - before.discarded));
    add("host_cpu", "ms/frame", cpu * 1000 / frames, theirs.cpu_ms, true, "");
    add("host_latency", "ms, mean",
        std::chrono::duration<double, std::milli>(after.host_latency - before.host_latency).count() / frames,
        theirs.latency_ms, true,
        fmt::format("as the client reports it; less the encode, to the last packet: p50 {}, p99 {} us",
                    overhead["p50"].get<int>(), overhead["p99"].get<int>()));
    add("first_picture", "ms", static_cast<double>(after.first_picture->count()), theirs.launch_ms, true,
        "from /launch to a decoded picture, the desktop's start included, which theirs has running");
}

}  // namespace

void moonlight_rows(Report& report) {
    if (!report.wants("moonlight")) return;
    report.heading("a GameStream client's stream, H.264 by x264");
    measure(report, {.mode = "720p60",
                     .wish = {.width = 1280, .height = 720, .fps = 60, .bitrate_kbps = 10'000},
                     .fps = 60,
                     .cpu_ms = 15.1,
                     .latency_ms = 10.9,
                     .launch_ms = 152});
    measure(report, {.mode = "720p120",
                     .wish = {.width = 1280, .height = 720, .fps = 120, .bitrate_kbps = 15'000},
                     .fps = 85.6,
                     .cpu_ms = 14.2,
                     .latency_ms = 16.7,
                     .launch_ms = 91});
    measure(report, {.mode = "1080p60",
                     .wish = {.width = 1920, .height = 1080, .fps = 60, .bitrate_kbps = 20'000},
                     .fps = 45.8,
                     .cpu_ms = 27.9,
                     .latency_ms = 31.3,
                     .launch_ms = 306});
}

}  // namespace punktfunk::bench
