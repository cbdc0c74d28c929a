// punktfunk-host: the command line.
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "control_commands.hpp"
#include "control_socket.hpp"
#include "passwd_command.hpp"
#include "punktfunk/management/openapi.hpp"
#include "serve.hpp"
#include "serve_flags.hpp"

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

// Every connection and every session takes some, and a thousand, which is the usual limit, are soon used up.
void raise_descriptor_limit() {
    constexpr rlim_t kEnough = 8192;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough) return;
    limit.rlim_cur = std::min(limit.rlim_max, kEnough);
    (void)::setrlimit(RLIMIT_NOFILE, &limit);
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
    options.mgmt_token = environment->mgmt_token;
    options.library_places = environment->library_places;
    if (environment->fec_percent >= 0) options.fec_percent = environment->fec_percent;

    auto* serve = cli.add_subcommand("serve", "run the host");
    app::add_serve_flags(*serve, options);

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
    auto* passwd = cli.add_subcommand("passwd", "set the password of the console (asked for, or a line of stdin)");
    passwd->add_option("--config-dir", options.config_dir, "the host's configuration")->capture_default_str();
    auto* openapi = cli.add_subcommand("openapi", "print the management API's OpenAPI document");

    try {
        cli.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return cli.exit(help);
    } catch (const CLI::ParseError& wrong) {
        fmt::print(stderr, "punktfunk-host: {}\n", wrong.what());
        return kExitUsage;
    }

    if (*openapi) {
        fmt::print("{}", management::openapi_document());
        return kExitOk;
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
    if (*status) return ask(control_socket, {{"command", "status"}}, as_json, app::show_status);
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
    if (*passwd) {
        if (auto set = app::set_password(options.config_dir); !set) return complain(set.error());
        fmt::print("the password is set; whoever was logged in to the console has to log in again\n");
        return kExitOk;
    }
    // The desktops' programs take XDG_RUNTIME_DIR for absolute.
    options.runtime_dir = std::filesystem::absolute(options.runtime_dir);
    if (options.control_socket.empty()) options.control_socket = options.runtime_dir / "control.sock";
    raise_descriptor_limit();
    const auto log = std::make_shared<management::LogRing>();
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "punktfunk", spdlog::sinks_init_list{std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), log}));
    spdlog::set_pattern("%H:%M:%S.%e %^%l%$ %v");
    try {
        auto settings = app::Settings::load(options.config_dir / "settings.json", options,
                                            app::fixed_settings(*serve, *environment));
        spdlog::set_level(spdlog::level::from_str(settings.active().log_level));
        if (auto served = app::serve(settings, log); !served)
            return complain(served.error(),
                            served.error().code == ErrorCode::InvalidArgument ? kExitUsage : kExitFailed);
    } catch (const std::exception& unexpected) {
        return complain({ErrorCode::Internal, unexpected.what()});
    }
    return kExitOk;
}
