// punktfunk-client: the headless reference client. Exit codes: 0 done, 1 failed, 2 usage.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>

#include "command_line.hpp"
#include "commands.hpp"
#include "punktfunk/base/standard_output.hpp"
#include "punktfunk/base/stop_signals.hpp"

namespace {

std::string host_name() {
    std::array<char, 65> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "punktfunk-client";
}

}  // namespace

int main(int argc, char** argv) {
    using namespace punktfunk;
    CLI::App app{"punktfunk-client: receives a desktop from a punktfunk host", "punktfunk-client"};
    app.require_subcommand(1);

    std::string host, name = host_name(), pin, mode = "1280x720x60", mode_switches, codec = "auto", gamepad = "auto",
                      bitrate = "0";
    std::filesystem::path config_dir = cli::default_config_dir();
    const auto add_host_options = [&](CLI::App* command) {
        command->add_option("host", host, "address or name, with :port unless it is 9777")->required();
        command->add_option("--name", name, "what the host calls this device")->capture_default_str();
        command->add_option("--config-dir", config_dir, "identity and known hosts")->capture_default_str();
    };
    auto* pair = app.add_subcommand("pair", "pair with a host, by the PIN that `punktfunk-host pair` shows there");
    add_host_options(pair);
    pair->add_option("--pin", pin, "the PIN")
        ->check([](const std::string& text) {
            const bool digits = text.size() == 4 && text.find_first_not_of("0123456789") == std::string::npos;
            return digits ? std::string() : "a PIN has four digits, '" + text + "' has not";
        })
        ->required();

    cli::ConnectOptions stream;
    double seconds = 0;
    auto* connect = app.add_subcommand("connect", "stream, decode, and report");
    add_host_options(connect);
    connect->add_option("--mode", mode, "WIDTHxHEIGHTxHZ of the desktop that is made")->capture_default_str();
    connect->add_option("--mode-switches", mode_switches,
                        "N:MODE,MODE...: change the mode N times, to these in turn, and measure it");
    connect->add_option("--bitrate", bitrate, "kbit/s, 0 = the host's default; auto: from there, follow the path")
        ->check([](const std::string& text) {
            const bool digits = text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos;
            return text == "auto" || (digits && !text.empty()) ? std::string()
                                                               : "'" + text + "' is neither kbit/s nor auto";
        })
        ->capture_default_str();
    connect->add_option("--codec", codec, "h264, hevc, av1, or auto (the host's choice of the first two)")
        ->check(CLI::IsMember({"auto", "h264", "hevc", "av1"}))
        ->capture_default_str();
    connect->add_option("--duration", seconds, "stop after so many seconds; 0 = on Ctrl-C")
        ->check(CLI::Range(0.0, 1e9));
    connect->add_option("--record", stream.record, "write what arrives to this MP4 file");
    connect->add_option("--screenshot", stream.screenshot, "write the last picture to this PNG file");
    connect->add_option("--gamepad", gamepad, "auto (the host's choice), xbox360 or dualsense")
        ->check([](const std::string& text) {
            return wire::parse_gamepad(text) ? std::string() : "'" + text + "' is none of auto, xbox360, dualsense";
        })
        ->capture_default_str();
    connect->add_flag("--gamepad-test", stream.gamepad_test,
                      "play a controller that presses everything, and print what games ask of it");
    connect->add_option("--sound", stream.sound, "write the desktop's sound to this WAV file");
    connect->add_option("--mic", stream.mic, "send this WAV file (48 kHz) as the microphone; paired clients only");
    connect->add_option("--launch", stream.launch, "start this entry of the host's library, such as steam:570")
        ->check(
            [](const std::string& text) { return text.size() <= 128 ? std::string() : "an id has at most 128 bytes"; });
    connect->add_option("--type", stream.type, "type this text into the desktop; \\n is Enter");
    connect->add_flag("--tofu", stream.trust_on_first_use, "trust an unknown host on first use");
    connect->add_flag("--json", stream.json, "print the report as JSON");

    cli::SpeedTestOptions speed;
    auto* speed_test = app.add_subcommand("speed-test", "find out what the path from a host carries");
    add_host_options(speed_test);
    speed_test->add_flag("--tofu", speed.trust_on_first_use, "trust an unknown host on first use");
    speed_test->add_flag("--json", speed.json, "print JSON");

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
        return cli::complain("punktfunk-client", {ErrorCode::InvalidArgument, wrong.what()});
    }
    if (!*discover && config_dir.empty())
        return cli::complain("punktfunk-client",
                             {ErrorCode::InvalidArgument, "no place for the identity: set HOME, or pass --config-dir"});

    Result<void> outcome;
    if (*pair) {
        outcome = cli::pair_with_host({.host = host, .pin = pin, .name = name, .config_dir = config_dir});
    } else if (*connect) {
        const auto parsed = cli::parse_mode(mode);
        if (!parsed) return cli::complain("punktfunk-client", parsed.error());
        stream.host = host;
        stream.name = name;
        stream.config_dir = config_dir;
        stream.mode = *parsed;
        if (!mode_switches.empty()) {
            auto plan = cli::parse_mode_switches(mode_switches, *parsed);
            if (!plan) return cli::complain("punktfunk-client", plan.error());
            stream.mode_switches = std::move(*plan);
        }
        stream.follow_path = bitrate == "auto";
        if (!stream.follow_path) stream.bitrate_kbps = static_cast<uint32_t>(std::stoul(bitrate));
        stream.codecs = codec == "h264"   ? wire::kCodecH264
                        : codec == "hevc" ? wire::kCodecHevc
                        : codec == "av1"  ? wire::kCodecAv1
                                          : wire::kCodecH264 | wire::kCodecHevc;
        stream.gamepad = *wire::parse_gamepad(gamepad);
        stream.duration = std::chrono::duration<double>(seconds);
        const UniqueFd stop = stop_signals();
        outcome = cli::connect_to_host(stream, stop.get());
    } else if (*speed_test) {
        speed.host = host;
        speed.name = name;
        speed.config_dir = config_dir;
        const UniqueFd stop = stop_signals();
        outcome = cli::test_speed(speed, stop.get());
    } else {
        search.duration = std::chrono::duration<double>(search_seconds);
        outcome = cli::discover_hosts(search);
    }
    if (outcome) outcome = flush_standard_output();
    return outcome ? cli::kExitOk : cli::complain("punktfunk-client", outcome.error());
}
