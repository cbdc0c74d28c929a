// punktfunk-host: the command line.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "approval_commands.hpp"
#include "control_socket.hpp"
#include "gamestream_commands.hpp"
#include "serve.hpp"

namespace {

using namespace punktfunk;
using nlohmann::json;

constexpr int kExitOk = 0, kExitFailed = 1, kExitUsage = 2;

int complain(const Error& error, int exit_code = kExitFailed) {
    fmt::print(stderr, "punktfunk-host: {}\n", error.message);
    return exit_code;
}

// Asks the running host, prints its answer (or what `show` makes of it).
int ask(const std::filesystem::path& socket, const json& request, bool as_json,
        const std::function<void(const json&)>& show) {
    auto answer = app::ask_host(socket, request);
    if (!answer) return complain(answer.error());
    if (!answer->value("ok", false)) return complain({ErrorCode::Rejected, answer->value("error", "the host refused")});
    answer->erase("ok");
    if (as_json) {
        fmt::print("{}\n", answer->dump());
    } else {
        show(*answer);
    }
    return kExitOk;
}

void show_status(const json& answer) {
    fmt::print("sessions: {}\n", answer["sessions"].size());
    for (const auto& s : answer["sessions"]) {
        const auto p50_ms = [&](const char* stage) { return s["latency_us"][stage]["p50"].get<double>() / 1000; };
        fmt::print("  {}  {}x{}@{}  {}  {} frames; ms: compositor's copy {:.2f}, encode {:.2f}, host {:.2f}\n",
                   s["client"].get<std::string>(), s["width"].get<int>(), s["height"].get<int>(),
                   s["refresh_hz"].get<int>(), s["encoder"].get<std::string>(), s["frames_encoded"].get<uint64_t>(),
                   p50_ms("compositor_copy"), p50_ms("encode"), p50_ms("host"));
    }
    fmt::print("paired clients: {}\n", answer["paired"].size());
    for (const auto& c : answer["paired"])
        fmt::print("  {}  {}  ({})\n", c["fingerprint"].get<std::string>(), c["name"].get<std::string>(),
                   c["protocol"].get<std::string>());
    app::show_gamestream(answer);
}

}  // namespace

int main(int argc, char** argv) {
    auto environment = app::read_environment();
    if (!environment) return complain(environment.error(), kExitUsage);

    CLI::App cli{"punktfunk-host: streams a virtual desktop to other devices"};
    cli.require_subcommand(1);
    app::ServeOptions options;
    options.config_dir = environment->config_dir;
    options.runtime_dir = environment->runtime_dir;
    options.sway_socket = environment->sway_socket;
    options.session_runtime_dirs = environment->session_runtime_dirs;
    options.gamepad = environment->gamepad;
    if (environment->fec_percent >= 0) options.fec_percent = environment->fec_percent;

    auto* serve = cli.add_subcommand("serve", "run the host");
    serve->add_option("--port,--native-port", options.port, "UDP port of the control connection; 0 picks a free one")
        ->capture_default_str();
    serve->add_flag("--native")->description("punktfunk/1 is always served; for command lines made for other hosts");
    serve
        ->add_option("--data-port", options.data_port,
                     "first UDP port for video, one a session; 0 = any (set it to open a firewall)")
        ->capture_default_str();
    serve
        ->add_option("--port-base", options.port_base,
                     "GameStream: HTTP port; HTTPS is 5 below, RTSP 21, video 9, control 10 and audio 11 above it; 0 "
                     "picks free ones")
        ->check(CLI::Range(0, 65514))
        ->capture_default_str();
    serve->add_flag("!--no-gamestream", options.gamestream, "serve punktfunk/1 only, no Moonlight clients");
    serve->add_option("--bind", options.bind, "address to listen on")->capture_default_str();
    serve->add_option("--config-dir", options.config_dir, "identity and paired clients")->capture_default_str();
    serve->add_option("--runtime-dir", options.runtime_dir, "sockets and embedded desktops")->capture_default_str();
    serve->add_option("--control-socket", options.control_socket, "default: <runtime-dir>/control.sock");
    serve->add_option("--ready-file", options.ready_file, "write one JSON line here once listening");
    serve->add_flag("--open", options.open, "do not require pairing: trust on first use");
    serve->add_option("--max-concurrent", options.max_concurrent, "sessions at a time, 0 = no limit")
        ->check(CLI::Range(0, 64))
        ->capture_default_str();
    serve->add_option("--fec-percent", options.fec_percent, "parity per data packet")
        ->check(CLI::Range(0, 90))
        ->capture_default_str();
    serve->add_option("--encoder", options.encoder, "auto, nvenc, vaapi or software")
        ->check(CLI::IsMember({"auto", "nvenc", "vaapi", "software"}))
        ->capture_default_str();
    serve
        ->add_option("--keyboard-layout", options.keyboard_layout,
                     "what the clients' keys mean: an XKB layout, with :variant, such as de or fr:bepo")
        ->capture_default_str();
    serve->add_flag("--embedded", options.embedded, "always start an own desktop, even when a sway session is running");
    serve->add_option("--sway-socket", options.sway_socket, "attach to the sway with this IPC socket");
    serve->add_option("--startup", options.startup, "command to run inside the embedded desktop (repeatable)");
    serve->add_flag("!--no-demo-desktop", options.demo_desktop, "leave the embedded desktop empty");
    serve->add_flag("!--no-sound", options.sound, "neither send the desktop's sound nor take a client's microphone");
    serve->add_option("--session-user", options.session_user, "who runs the embedded desktop when the host is root")
        ->capture_default_str();
    serve->add_flag("!--no-mdns", options.mdns, "do not announce the host on the network");
    serve->add_option("--seconds", options.seconds, "stop after this long, 0 = never")->capture_default_str();
    serve->add_option("--log-level", options.log_level, "debug, info, warn or error")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
        ->capture_default_str();

    std::filesystem::path control_socket;
    bool as_json = false;
    unsigned ttl_s = 120;
    std::string fingerprint;
    const auto add_client_command = [&](const char* name, const char* help) {
        auto* command = cli.add_subcommand(name, help);
        command->add_option("--control-socket", control_socket, "socket of the running host");
        command->add_flag("--json", as_json, "print JSON");
        return command;
    };
    auto* pair = add_client_command("pair", "arm pairing on the running host and show the PIN");
    pair->add_option("--ttl", ttl_s, "seconds the PIN is valid (15 to 600)")
        ->check(CLI::Range(15, 600))
        ->capture_default_str();
    std::string pin, client_name;
    uint64_t waiting_client = 0;
    auto* enter_pin = add_client_command("pin", "enter the PIN that a Moonlight client shows");
    enter_pin->add_option("pin", pin, "four digits")->required();
    enter_pin->add_option("--name", client_name, "what to call the client, instead of its own name");
    enter_pin->add_option("--client", waiting_client, "whose PIN it is, when several clients wait");
    auto* status = add_client_command("status", "show sessions and paired clients");
    auto* unpair = add_client_command("unpair", "forget a paired client and end its session");
    unpair->add_option("fingerprint", fingerprint, "64 hex digits, as status shows them")->required();

    auto* pending = add_client_command("pending", "list devices that are not paired and ask to be let in");
    uint32_t knock_id = 0;
    std::string knock_name;
    auto* approve = add_client_command("approve", "pair a pending device; one that waits is let in at once");
    approve->add_option("id", knock_id, "as pending shows it")->required();
    approve->add_option("--name", knock_name, "what to call it, instead of its own name");
    auto* deny = add_client_command("deny", "turn a pending device away");
    deny->add_option("id", knock_id, "as pending shows it")->required();

    try {
        cli.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return cli.exit(help);
    } catch (const CLI::ParseError& wrong) {
        fmt::print(stderr, "punktfunk-host: {}\n", wrong.what());
        return kExitUsage;
    }

    if (control_socket.empty()) control_socket = options.runtime_dir / "control.sock";
    if (*pair) {
        return ask(control_socket, {{"command", "pair"}, {"ttl_s", ttl_s}}, as_json, [](const json& answer) {
            fmt::print("PIN: {}   (valid for {} s; enter it on the client)\n", answer["pin"].get<std::string>(),
                       answer["expires_in_s"].get<int>());
        });
    }
    if (*enter_pin) {
        return ask(control_socket,
                   {{"command", "pin"}, {"pin", pin}, {"name", client_name}, {"client", waiting_client}}, as_json,
                   [](const json& answer) {
                       fmt::print("the PIN is with the client at {}; it says whether it was right\n",
                                  answer["address"].get<std::string>());
                   });
    }
    if (*status) return ask(control_socket, {{"command", "status"}}, as_json, show_status);
    if (*pending) return ask(control_socket, {{"command", "pending"}}, as_json, app::show_pending);
    if (*approve || *deny) {
        const char* command = *approve ? "approve" : "deny";
        return ask(control_socket, {{"command", command}, {"id", knock_id}, {"name", knock_name}}, as_json,
                   [&](const json& answer) {
                       fmt::print("{} {} ({})\n", *approve ? "paired" : "denied", answer["name"].get<std::string>(),
                                  answer["fingerprint"].get<std::string>());
                   });
    }
    if (*unpair)
        return ask(control_socket, {{"command", "unpair"}, {"fingerprint", fingerprint}}, as_json,
                   [](const json&) { fmt::print("unpaired\n"); });

    if (options.config_dir.empty()) {
        return complain({ErrorCode::InvalidArgument,
                         "no place for the configuration: set HOME or XDG_CONFIG_HOME, or pass --config-dir"},
                        kExitUsage);
    }
    // The desktops' programs take XDG_RUNTIME_DIR for absolute.
    options.runtime_dir = std::filesystem::absolute(options.runtime_dir);
    if (options.control_socket.empty()) options.control_socket = options.runtime_dir / "control.sock";
    spdlog::set_default_logger(spdlog::stderr_color_mt("punktfunk"));
    spdlog::set_level(spdlog::level::from_str(options.log_level));
    spdlog::set_pattern("%H:%M:%S.%e %^%l%$ %v");
    try {
        if (auto served = app::serve(options); !served)
            return complain(served.error(),
                            served.error().code == ErrorCode::InvalidArgument ? kExitUsage : kExitFailed);
    } catch (const std::exception& unexpected) {
        return complain({ErrorCode::Internal, unexpected.what()});
    }
    return kExitOk;
}
