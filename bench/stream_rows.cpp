// A real host with its embedded desktop and a real client, on this machine.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "allocation_counter.hpp"
#include "cpu_time.hpp"
#include "host_fixture.hpp"
#include "report.hpp"
#include "tone.hpp"

namespace punktfunk::bench {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::unique_ptr<test::Process> connect(test::HostFixture& host, const char* mode, int seconds) {
    return host.client({"connect", host.address(), "--tofu", "--mode", mode, "--codec", "h264", "--duration",
                        std::to_string(seconds), "--json"});
}

uint64_t in_session(const json& status, const char* counter) {
    return status["sessions"].empty() ? 0 : status["sessions"][0][counter].get<uint64_t>();
}

json wait_for_frames(test::HostFixture& host, uint64_t frames) {
    json status;
    (void)test::eventually(60s, [&] { return in_session(status = host.status(), "frames_encoded") >= frames; });
    return status;
}

void latency(Report& report) {
    test::HostFixture host({"--open"});
    const auto client = connect(host, "1280x720x120", 60);
    const json status = wait_for_frames(host, 1100);  // the latest thousand are kept
    client->signal(SIGINT);
    (void)client->wait(20s);
    if (status["sessions"].empty()) return;
    const json& stages = status["sessions"][0]["latency_us"];
    const auto add = [&](const char* name, const char* stage, std::optional<double> bound, const char* note) {
        const double p50 = stages[stage]["p50"];
        report.add({.name = name,
                    .unit = "us, p50",
                    .ours = p50,
                    .reference = bound,
                    .reference_name = bound ? "bound" : "",
                    .ratio = bound ? std::optional(*bound / p50) : std::nullopt,
                    .wanted_ratio = bound ? std::optional(1.0) : std::nullopt,
                    .note = fmt::format("p95 {}, p99 {}; {}", stages[stage]["p95"].get<int>(),
                                        stages[stage]["p99"].get<int>(), note)});
    };
    add("stream.host.720p120", "host", 500, "picture in hand to last packet in the kernel's, less the encode");
    add("stream.compositor_copy.720p120", "compositor_copy", std::nullopt, "presentation to picture in hand");
    add("stream.encode.720p120", "encode", std::nullopt, "conversion and encoder");
}

// A program of the desktop that plays two tones.
class Music {
  public:
    Music() {
        std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);  // the desktop's user plays it
        test::write_tones(directory_.path() / "tones.wav", 1000, 450, 90);
        std::ofstream(script()) << "cd " << directory_.path().string()
                                << "; while :; do pw-play tones.wav || sleep 0.1; done\n";
    }
    [[nodiscard]] std::string command() const { return "sh " + script().string(); }

  private:
    [[nodiscard]] std::filesystem::path script() const { return directory_.path() / "play.sh"; }
    test::TempDir directory_;
};

// All that a session has at once: pictures, sound that is played, keys that are typed.
void whole_session(Report& report) {
    const Music music;
    test::HostFixture host({"--open", "--startup", music.command()});
    const double before = cpu_seconds(host.process().pid());
    const auto client =
        host.client({"connect", host.address(), "--tofu", "--mode", "1280x720x120", "--codec", "h264", "--duration",
                     "60", "--sound", host.directory() / "heard.wav", "--type", std::string(1000, 'x'), "--json"});
    if (client->wait(120s) != 0) return;
    const double cpu = cpu_seconds(host.process().pid()) - before;
    const json result = json::parse(client->out());
    const auto frames = result["frames_received"].get<uint64_t>();
    const json& latency = result["latency"]["capture_to_reassembled"];
    const auto ms = [&](const char* share) { return latency[share].get<double>() / 1000; };
    report.add({.name = "stream.capture_to_reassembled.720p120",
                .unit = "ms, p50",
                .ours = ms("p50_us"),
                .note = fmt::format("p95 {:.1f}, p99 {:.1f}; {} frames in 60 s, {} of them late, {} lost; {} packets "
                                    "of sound, {} lost; keys typed",
                                    ms("p95_us"), ms("p99_us"), frames, result["frames_late"].get<uint64_t>(),
                                    result["frames_lost"].get<uint64_t>(), result["sound"]["packets"].get<uint64_t>(),
                                    result["sound"]["lost"].get<uint64_t>())});
    report.add({.name = "stream.host_cpu.720p120",
                .unit = "ms/frame",
                .ours = cpu * 1000 / static_cast<double>(std::max<uint64_t>(frames, 1)),
                .note = fmt::format("{:.0f} % of a core; the host's process, its start included", cpu / 60 * 100)});
}

void mode_switch(Report& report) {
    test::HostFixture host({"--open"});
    const auto client = host.client({"connect", host.address(), "--tofu", "--mode", "1280x720x60", "--codec", "h264",
                                     "--mode-switches", "20:1920x1080@60,1280x720@60", "--json"});
    if (client->wait(120s) != 0) return;
    const json switches = json::parse(client->out()).at("mode_switches");
    const auto ms = [&](const char* what, const char* share) { return switches[what][share].get<double>() / 1000; };
    report.add({.name = "stream.mode_switch.720p_1080p",
                .unit = "ms, p50",
                .ours = ms("gap_us", "p50"),
                .reference = 100,
                .reference_name = "bound",
                .ratio = 100 / ms("gap_us", "p50"),
                .wanted_ratio = 1,
                .note = fmt::format("worst of {} {:.1f}; {:.1f} from the request to the first picture, {:.1f} at most",
                                    switches["carried_out"].get<int>(), ms("gap_us", "worst"),
                                    ms("request_to_picture_us", "p50"), ms("request_to_picture_us", "worst"))});
}

void first_picture(Report& report) {
    test::HostFixture host({"--open"});
    std::vector<double> times;
    for (int i = 0; i < 10; ++i) {
        const auto client = host.client({"connect", host.address(), "--tofu", "--mode", "1280x720x60", "--codec",
                                         "h264", "--duration", "0.5", "--json"});
        if (client->wait(60s) == 0) times.push_back(json::parse(client->out()).at("first_picture_ms"));
    }
    if (times.empty()) return;
    const double worst = std::ranges::max(times);
    report.add({.name = "stream.first_picture.720p60",
                .unit = "ms, p50",
                .ours = median(times),
                .note = fmt::format("of {}, {:.0f} at most; from connecting to a decoded picture, the desktop's start "
                                    "included",
                                    times.size(), worst)});
}

void idle(Report& report) {
    test::HostFixture host({"--open", "--no-demo-desktop"});
    const auto client = connect(host, "1280x720x60", 60);
    (void)wait_for_frames(host, 12);
    std::this_thread::sleep_for(2s);  // the picture settles
    const double before = cpu_seconds(host.process().pid());
    std::this_thread::sleep_for(10s);
    const double percent = 100 * (cpu_seconds(host.process().pid()) - before) / 10;
    client->signal(SIGINT);
    (void)client->wait(20s);
    report.add({.name = "stream.still_desktop.cpu",
                .unit = "% of a core",
                .ours = percent,
                .reference = 2,
                .reference_name = "bound",
                .ratio = 2 / std::max(percent, 0.01),
                .wanted_ratio = 1,
                .note = "the host's process, a client connected, nothing moving"});
}

using Calls = std::map<std::string, uint64_t>;  // by library

Calls snapshot(const AllocationTable& table, bool sound) {
    Calls calls;
    for (const auto& entry : table.entries) {
        if (entry.taken == 2 && entry.sound == sound) calls[entry.library] = entry.calls;
    }
    return calls;
}

void add_allocations(Report& report, const char* name, const char* threads, const Calls& before, const Calls& after,
                     uint64_t units) {
    double ours = 0;
    std::string others;
    for (const auto& [library, calls] : after) {
        const auto earlier = before.find(library);
        const double per_unit = static_cast<double>(calls - (earlier == before.end() ? 0 : earlier->second)) /
                                static_cast<double>(std::max<uint64_t>(units, 1));
        // operator new lies in libstdc++: whatever our C++ asks for comes from there.
        if (library.starts_with("punktfunk") || library.starts_with("libstdc++")) {
            ours += per_unit;
        } else if (per_unit > 0) {
            others += fmt::format("{}{} {:.1f}", others.empty() ? "" : ", ", library, per_unit);
        }
    }
    report.add({.name = name,
                .unit = "calls",
                .ours = ours,
                .note = fmt::format("{}; libraries below: {}", threads, others.empty() ? "none" : others)});
}

void allocations_per_frame(Report& report) {
    const test::TempDir directory;
    const auto path = directory.path() / "allocations";
    const UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::ftruncate(file.get(), sizeof(AllocationTable)) != 0) return;
    void* mapped = ::mmap(nullptr, sizeof(AllocationTable), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapped == MAP_FAILED) return;
    const auto& table = *static_cast<const AllocationTable*>(mapped);
    ::setenv("LD_PRELOAD", PUNKTFUNK_ALLOCATION_COUNTER, 1);
    ::setenv("PUNKTFUNK_ALLOCATIONS", path.c_str(), 1);
    const Music music;
    std::optional<test::HostFixture> host(std::in_place,
                                          std::vector<std::string>{"--open", "--startup", music.command()});
    ::unsetenv("LD_PRELOAD");
    ::unsetenv("PUNKTFUNK_ALLOCATIONS");
    const auto client = host->client({"connect", host->address(), "--tofu", "--mode", "1280x720x120", "--codec", "h264",
                                      "--duration", "60", "--sound", host->directory() / "heard.wav"});
    (void)wait_for_frames(*host, 240);
    (void)test::eventually(20s, [&] { return in_session(host->status(), "sound_packets") > 100; });
    const auto begin = host->status();
    const Calls pictures = snapshot(table, false), sound = snapshot(table, true);
    const uint64_t frames = in_session(begin, "frames_encoded"), packets = in_session(begin, "sound_packets");
    const auto end = wait_for_frames(*host, frames + 480);
    add_allocations(report, "stream.allocations_per_frame", "capture and send thread", pictures, snapshot(table, false),
                    in_session(end, "frames_encoded") - frames);
    add_allocations(report, "stream.allocations_per_sound_packet", "sound thread and PipeWire's", sound,
                    snapshot(table, true), in_session(end, "sound_packets") - packets);
    client->signal(SIGINT);
    (void)client->wait(20s);
    host.reset();
    ::munmap(mapped, sizeof(AllocationTable));
}

}  // namespace

void stream_rows(Report& report) {
    if (!report.wants("stream")) return;
    report.heading("a real stream, software encoder");
    latency(report);
    whole_session(report);
    mode_switch(report);
    first_picture(report);
    allocations_per_frame(report);
    idle(report);
}

}  // namespace punktfunk::bench
