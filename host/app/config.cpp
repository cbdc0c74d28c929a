#include "config.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace punktfunk::app {

namespace {
std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}
}  // namespace

Result<Environment> read_environment() {
    Environment environment;
    if (const auto xdg = variable("XDG_CONFIG_HOME"); !xdg.empty()) {
        environment.config_dir = std::filesystem::path(xdg) / "punktfunk";
    } else if (const auto home = variable("HOME"); !home.empty()) {
        environment.config_dir = std::filesystem::path(home) / ".config/punktfunk";
    }
    const auto runtime = variable("XDG_RUNTIME_DIR");
    // Who was not told (by cron, by su) still has a session where the system puts it.
    environment.session_runtime_dirs.emplace_back(runtime.empty() ? fmt::format("/run/user/{}", ::geteuid()) : runtime);
    if (!runtime.empty()) {
        environment.runtime_dir = std::filesystem::path(runtime) / "punktfunk";
    } else if (::geteuid() == 0) {
        environment.runtime_dir = "/run/punktfunk";
    } else {
        environment.runtime_dir = fmt::format("/tmp/punktfunk-{}", ::geteuid());
    }
    environment.sway_socket = variable("SWAYSOCK");
    environment.gamepad = variable("PUNKTFUNK_GAMEPAD");
    if (const char* token = std::getenv("PUNKTFUNK_MGMT_TOKEN")) environment.mgmt_token = token;
    if (const auto percent = variable("PUNKTFUNK_FEC_PCT"); !percent.empty()) {
        const char* end = percent.data() + percent.size();
        const auto [stopped, ec] = std::from_chars(percent.data(), end, environment.fec_percent);
        if (ec != std::errc{} || stopped != end || environment.fec_percent < 0 || environment.fec_percent > 90) {
            return fail(ErrorCode::InvalidArgument,
                        "PUNKTFUNK_FEC_PCT={} is not a percentage of 0 to 90: correct or unset it", percent);
        }
    }
    return environment;
}

}  // namespace punktfunk::app
