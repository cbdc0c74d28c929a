// latency-probe: click to pixel through a running host. Exit codes: 0 done, 1 failed, 2 usage.
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "probe.hpp"
#include "punktfunk/base/standard_output.hpp"
#include "punktfunk/base/stop_signals.hpp"
#include "punktfunk/cli/command_line.hpp"
#include "punktfunk/cli/connection.hpp"

int main(int argc, char** argv) {
    using namespace punktfunk;
    CLI::App app{
        "latency-probe: from a click to the picture that shows its effect. The host must show the test surface: "
        "punktfunk-host serve --no-demo-desktop --startup latency-probe-surface",
        "latency-probe"};
    cli::Target target{.host = {}, .config_dir = cli::default_config_dir()};
    probe::ProbeOptions options;
    std::string mode = "1280x720x120";
    bool as_json = false;
    app.add_option("host", target.host, "address or name, with :port unless it is 9777")->required();
    app.add_option("--config-dir", target.config_dir, "identity and known hosts")->capture_default_str();
    app.add_flag("--tofu", target.trust_on_first_use, "trust an unknown host on first use");
    app.add_option("--mode", mode, "WIDTHxHEIGHTxHZ of the desktop that is made")->capture_default_str();
    app.add_option("--clicks", options.clicks, "how many")->check(CLI::Range(1u, 100'000u))->capture_default_str();
    app.add_option("--seed", options.seed, "of the pauses between clicks")->capture_default_str();
    app.add_flag("--json", as_json, "print the result as JSON");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& wrong) {
        return cli::complain("latency-probe", {ErrorCode::InvalidArgument, wrong.what()});
    }
    const auto parsed = cli::parse_mode(mode);
    if (!parsed) return cli::complain("latency-probe", parsed.error());
    if (target.config_dir.empty())
        return cli::complain("latency-probe",
                             {ErrorCode::InvalidArgument, "no place for the identity: set HOME, or pass --config-dir"});

    wire::Hello hello{.mode = *parsed, .name = "latency-probe"};
    hello.video_caps = wire::kCapHostTiming | wire::kCapMultiSlice;
    hello.tail = wire::HelloTail{.video_codecs = wire::kCodecH264 | wire::kCodecHevc};
    const UniqueFd stop = stop_signals();
    auto connection = cli::connect(target, std::move(hello), stop.get());
    if (!connection) return cli::complain("latency-probe", connection.error());
    const auto result = probe::run_probe(**connection, options, stop.get());
    if (!result) return cli::complain("latency-probe", result.error());
    fmt::print("{}", as_json ? result->json().dump(2) + "\n" : result->text());
    if (auto shown = flush_standard_output(); !shown) return cli::complain("latency-probe", shown.error());
    return result->total.samples.count() > 0 ? cli::kExitOk : cli::kExitFailed;
}
