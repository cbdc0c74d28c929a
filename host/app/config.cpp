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
// "a:b" to its absolute paths.
std::vector<std::filesystem::path> path_list(const std::string& text) {
    std::vector<std::filesystem::path> list;
    for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find(':', at), text.size());
        if (std::filesystem::path path = text.substr(at, end - at); path.is_absolute()) list.push_back(std::move(path));
        at = end + 1;
    }
    return list;
}

// As the XDG Base Directory Specification has them.
library::Places read_places() {
    const std::filesystem::path home = variable("HOME");
    const auto directory = [&](const char* name, const char* otherwise) {
        const std::filesystem::path path = variable(name);
        return path.is_absolute() ? path : home / otherwise;
    };
    const auto data_dirs = variable("XDG_DATA_DIRS");
    return {.home = home,
            .config_home = directory("XDG_CONFIG_HOME", ".config"),
            .data_home = directory("XDG_DATA_HOME", ".local/share"),
            .cache_home = directory("XDG_CACHE_HOME", ".cache"),
            .data_dirs = path_list(data_dirs.empty() ? "/usr/local/share:/usr/share" : data_dirs),
            .program_dirs = path_list(variable("PATH"))};
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
    environment.library_places = read_places();
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
