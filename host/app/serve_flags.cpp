#include "serve_flags.hpp"

#include <CLI/CLI.hpp>

#include "settings.hpp"

namespace punktfunk::app {

void add_serve_flags(CLI::App& serve, ServeOptions& options) {
    serve.add_option("--port,--native-port", options.port, "UDP port of the control connection; 0 picks a free one")
        ->capture_default_str();
    serve.add_flag("--native")->description("punktfunk/1 is always served; for command lines made for other hosts");
    serve
        .add_option("--data-port", options.data_port,
                    "first UDP port for video, one a session; 0 = any (set it to open a firewall)")
        ->capture_default_str();
    serve
        .add_option("--port-base", options.port_base,
                    "GameStream: HTTP port; HTTPS is 5 below, RTSP 21, video 9, control 10 and audio 11 above it; 0 "
                    "picks free ones")
        ->check(CLI::Range(0, 65514))
        ->capture_default_str();
    serve.add_flag("!--no-gamestream", options.gamestream, "serve punktfunk/1 only, no Moonlight clients");
    serve.add_flag("--all-codecs", options.all_codecs,
                   "offer Moonlight clients HEVC and AV1 even where no GPU encodes them: they would choose them by "
                   "themselves, and the CPU is slower at those than at H.264");
    serve.add_option("--bind", options.bind, "address to listen on")->capture_default_str();
    serve
        .add_option("--mgmt-bind", options.mgmt_bind,
                    "address and port of the console and its API; port 0 picks a free one; beyond this machine only "
                    "once a password is set (punktfunk-host passwd)")
        ->capture_default_str();
    serve.add_option("--mgmt-token", options.mgmt_token,
                     "what scripts show to the management API, instead of what <config-dir>/mgmt-token says");
    serve.add_option("--web-root", options.web_root, "directory of the built console; default: beside the program");
    serve.add_flag("!--no-mgmt", options.mgmt, "neither console nor management API");
    serve.add_option("--config-dir", options.config_dir, "identity, settings and paired clients")
        ->capture_default_str();
    serve.add_option("--runtime-dir", options.runtime_dir, "sockets and embedded desktops")->capture_default_str();
    serve.add_option("--control-socket", options.control_socket, "default: <runtime-dir>/control.sock");
    serve.add_option("--ready-file", options.ready_file, "write one JSON line here once listening");
    serve.add_flag("--open", options.open, "do not require pairing: trust on first use");
    serve.add_option("--max-concurrent", options.max_concurrent, "sessions at a time, 0 = no limit")
        ->check(CLI::Range(0, 64))
        ->capture_default_str();
    serve.add_option("--fec-percent", options.fec_percent, "parity per data packet")
        ->check(CLI::Range(0, 90))
        ->capture_default_str();
    serve.add_option("--encoder", options.encoder, "auto, nvenc, vaapi or software")
        ->check(CLI::IsMember({"auto", "nvenc", "vaapi", "software"}))
        ->capture_default_str();
    serve
        .add_option("--keyboard-layout", options.keyboard_layout,
                    "what the clients' keys mean: an XKB layout, with :variant, such as de or fr:bepo")
        ->capture_default_str();
    serve.add_flag("--embedded", options.embedded, "always start an own desktop, even when a sway session is running");
    serve.add_option("--sway-socket", options.sway_socket, "attach to the sway with this IPC socket");
    serve.add_option("--startup", options.startup, "command to run inside the embedded desktop (repeatable)");
    serve.add_flag("!--no-demo-desktop", options.demo_desktop, "leave the embedded desktop empty");
    serve.add_flag("!--no-sound", options.sound, "neither send the desktop's sound nor take a client's microphone");
    serve.add_option("--session-user", options.session_user, "who runs the embedded desktop when the host is root")
        ->capture_default_str();
    serve.add_flag("!--no-mdns", options.mdns, "do not announce the host on the network");
    serve.add_option("--seconds", options.seconds, "stop after this long, 0 = never")->capture_default_str();
    serve.add_option("--log-level", options.log_level, "debug, info, warn or error")
        ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
        ->capture_default_str();
}

std::map<std::string, std::string> fixed_settings(const CLI::App& serve, const Environment& environment) {
    std::map<std::string, std::string> fixed;
    for (const SettingDefinition& setting : setting_definitions()) {
        const std::string flag = setting.flag;
        if (!flag.empty() && serve.count(flag) != 0) fixed[setting.key] = "flag";
    }
    if (environment.fec_percent >= 0) fixed.emplace("fec_percent", "environment");
    if (!environment.gamepad.empty()) fixed.emplace("gamepad", "environment");
    return fixed;
}

}  // namespace punktfunk::app
