// punktfunk-client: the headless reference client. Exit codes: 0 done, 1 failed, 2 usage.
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "commands.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace {

using namespace punktfunk;

constexpr int kExitOk = 0, kExitFailed = 1, kExitUsage = 2;

int complain(const std::string& message, int exit_code) {
    fmt::print(stderr, "punktfunk-client: {}\n", message);
    return exit_code;
}

// "1920x1080x60" or "1920x1080@60".
std::optional<wire::Mode> parse_mode(const std::string& text) {
    wire::Mode mode;
    char end = 0;
    const int fields =
        std::sscanf(text.c_str(), "%5ux%5u%*[x@]%3u%c", &mode.width, &mode.height, &mode.refresh_hz, &end);
    return fields == 3 ? std::optional(mode) : std::nullopt;
}

std::string host_name() {
    std::array<char, 65> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "punktfunk-client";
}

std::filesystem::path default_config_dir() {
    const char* home = std::getenv("HOME");
    return home == nullptr ? std::filesystem::path() : std::filesystem::path(home) / ".config/punktfunk";
}

// Becomes readable on Ctrl-C and on SIGTERM; blocks both for every thread that is started after it.
UniqueFd stop_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGINT);
    ::sigaddset(&set, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"punktfunk-client: receives a desktop from a punktfunk host", "punktfunk-client"};
    app.require_subcommand(1);

    std::string host, name = host_name(), pin, mode = "1280x720x60", codec = "auto";
    std::filesystem::path config_dir = default_config_dir();
    const auto add_host_options = [&](CLI::App* command) {
        command->add_option("host", host, "address or name, with :port unless it is 9777")->required();
        command->add_option("--name", name, "what the host calls this device")->capture_default_str();
        command->add_option("--config-dir", config_dir, "identity and known hosts")->capture_default_str();
    };
    auto* pair = app.add_subcommand("pair", "pair with a host, by the PIN that `punktfunk-host pair` shows there");
    add_host_options(pair);
    pair->add_option("--pin", pin, "the PIN")->required();

    cli::ConnectOptions stream;
    double seconds = 0;
    auto* connect = app.add_subcommand("connect", "stream, decode, and report");
    add_host_options(connect);
    connect->add_option("--mode", mode, "WIDTHxHEIGHTxHZ of the desktop that is made")->capture_default_str();
    connect->add_option("--bitrate", stream.bitrate_kbps, "kbit/s; 0 = the host's default");
    connect->add_option("--codec", codec, "h264, hevc or auto (the host's choice)")
        ->check(CLI::IsMember({"auto", "h264", "hevc"}))
        ->capture_default_str();
    connect->add_option("--duration", seconds, "stop after so many seconds; 0 = on Ctrl-C")
        ->check(CLI::NonNegativeNumber);
    connect->add_option("--record", stream.record, "write what arrives to this MP4 file");
    connect->add_option("--screenshot", stream.screenshot, "write the last picture to this PNG file");
    connect->add_option("--type", stream.type, "type this text into the desktop; \\n is Enter");
    connect->add_flag("--tofu", stream.trust_on_first_use, "trust an unknown host on first use");
    connect->add_flag("--json", stream.json, "print the report as JSON");

    cli::DiscoverOptions search;
    double search_seconds = search.duration.count();
    auto* discover = app.add_subcommand("discover", "list the hosts that announce themselves on this network");
    discover->add_option("--duration", search_seconds, "seconds to listen")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    discover->add_flag("--json", search.json, "print JSON");

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& wrong) {
        return complain(wrong.what(), kExitUsage);
    }
    if (!*discover && config_dir.empty())
        return complain("no place for the identity: set HOME, or pass --config-dir", kExitUsage);

    Result<void> outcome;
    if (*pair) {
        outcome = cli::pair_with_host({.host = host, .pin = pin, .name = name, .config_dir = config_dir});
    } else if (*connect) {
        const auto parsed = parse_mode(mode);
        if (!parsed)
            return complain(fmt::format("--mode '{}' is not WIDTHxHEIGHTxHZ, such as 1920x1080x60", mode), kExitUsage);
        stream.host = host;
        stream.name = name;
        stream.config_dir = config_dir;
        stream.mode = *parsed;
        stream.codecs = codec == "h264"   ? wire::kCodecH264
                        : codec == "hevc" ? wire::kCodecHevc
                                          : wire::kCodecH264 | wire::kCodecHevc;
        stream.duration = std::chrono::duration<double>(seconds);
        const UniqueFd stop = stop_signals();
        outcome = cli::connect_to_host(stream, stop.get());
    } else {
        search.duration = std::chrono::duration<double>(search_seconds);
        outcome = cli::discover_hosts(search);
    }
    if (outcome) return kExitOk;
    return complain(outcome.error().message,
                    outcome.error().code == ErrorCode::InvalidArgument ? kExitUsage : kExitFailed);
}
