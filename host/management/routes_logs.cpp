#include <sys/utsname.h>

#include <charconv>

#include "answers.hpp"
#include "api.hpp"
#include "compress.hpp"
#include "describe.hpp"
#include "metrics.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "timestamps.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

std::optional<uint64_t> number(const Call& call, const char* name, uint64_t missing) {
    const auto found = call.query.find(name);
    if (found == call.query.end()) return missing;
    uint64_t value = 0;
    const auto& text = found->second;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    return ec == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

http::Response list(const Api& api, const Call& call) {
    const auto level = call.query.find("level");
    const std::string name = level == call.query.end() ? "debug" : level->second;
    if (name != "debug" && name != "info" && name != "warn" && name != "error")
        return error_answer(400, "level is debug, info, warn or error");
    const auto after = number(call, "after", 0), limit = number(call, "limit", 200);
    if (!after || !limit || *limit < 1 || *limit > 1000)
        return error_answer(400, "after is a line's id, and limit 1 to 1000");
    const auto page = api.log.read(spdlog::level::from_str(name), *after, static_cast<size_t>(*limit));
    return json_answer(
        {{"entries", describe_all(page.entries)}, {"last_id", page.last_id}, {"truncated", page.truncated}});
}

constexpr const char* kReadme =
    "What a report about punktfunk-host needs: how it is set up, what it found, what it does, and the end of its log.\n"
    "There are no passwords, tokens, PINs or keys in here. Names and addresses of your devices are: look through it\n"
    "before you give it away.\n";

std::string system_text() {
    utsname system{};
    (void)::uname(&system);
    return fmt::format("{} {} {} {}\n\n{}", system.sysname, system.release, system.version, system.machine,
                       read_file("/etc/os-release", 65536).value_or(""));
}

std::string log_text(const std::vector<LogEntry>& lines) {
    std::string text;
    for (const LogEntry& line : lines) {
        const auto level = spdlog::level::to_string_view(line.level);
        text +=
            fmt::format("{} {} {}\n", timestamp(line.time), std::string_view(level.data(), level.size()), line.message);
    }
    return text;
}

void bundle(Api& api, const Call& call) {
    const auto pretty = [](const json& value) {
        return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    };
    const auto sessions = api.host.sessions();
    const auto devices = api.host.devices();
    auto paired = json::array();
    for (const DeviceView& device : devices) paired.push_back(describe(device, sessions));
    const HostFacts facts = api.host.facts();
    auto page = api.log.read(spdlog::level::trace, 0, LogRing::kLines);
    std::vector<std::pair<std::string, std::string>> files{
        {"README.txt", kReadme},
        {"host.json", pretty({{"version", kVersion},
                              {"hostname", facts.hostname},
                              {"fingerprint", to_hex(facts.fingerprint)},
                              {"started_at", timestamp(facts.started)},
                              {"codecs", facts.codecs},
                              {"gamestream", facts.gamestream},
                              {"pairing_required", facts.pairing_required},
                              {"event_listeners", api.hub.listeners()}})},
        {"settings.json", pretty(describe_all(api.host.settings()))},
        {"displays.json", pretty(describe_all(api.host.displays()))},
        {"encoders.json", pretty(describe_all(api.host.encoders()))},
        {"sessions.json", pretty(describe_all(sessions))},
        {"devices.json", pretty(paired)},
        {"metrics.txt", metrics_text(api.host, api.hub.listeners())},
        {"system.txt", system_text()}};
    const bool queued = api.worker.run(
        [files = std::move(files), lines = std::move(page.entries), clean = api.without_secrets]() mutable {
            files.emplace_back("log.txt", log_text(lines));
            for (auto& [name, content] : files) {
                content = clean(std::move(content));
                name.insert(0, "punktfunk-support/");
            }
            return gzip(tar(files, devices::unix_now()));
        },
        [call](Result<std::string> archive) {
            if (!archive) return call.respond(error_answer(500, archive.error().message));
            call.respond({.content_type = "application/gzip",
                          .body = std::move(*archive),
                          .headers = {{"Content-Disposition", "attachment; filename=\"punktfunk-support.tar.gz\""}}});
        });
    if (!queued) call.respond(error_answer(500, "too much else is being done"));
}

}  // namespace

void add_log_routes(Router& router, Api& api) {
    router.add("GET", "/api/v1/logs", "listLogs", Access::Admin, [&api](const Call& call) { return list(api, call); });
    router.add({"GET", "/api/v1/support-bundle", "getSupportBundle", Access::Admin, false,
                [&api](const Call& call) { bundle(api, call); }});
}

}  // namespace punktfunk::management
