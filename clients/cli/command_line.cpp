#include "command_line.hpp"

#include <cstdio>
#include <cstdlib>

namespace punktfunk::cli {

int complain(std::string_view program, const Error& error) {
    // Not fmt::print: it throws when the words find no room.
    (void)std::fputs(fmt::format("{}: {}\n", program, error.message).c_str(), stderr);
    return error.code == ErrorCode::InvalidArgument ? kExitUsage : kExitFailed;
}

Result<wire::Mode> parse_mode(const std::string& text) {
    wire::Mode mode;
    char end = 0;
    const int fields =
        std::sscanf(text.c_str(), "%5ux%5u%*[x@]%3u%c", &mode.width, &mode.height, &mode.refresh_hz, &end);
    if (fields != 3 || mode.width == 0 || mode.height == 0 || mode.refresh_hz == 0)
        return fail(ErrorCode::InvalidArgument, "--mode '{}' is not WIDTHxHEIGHTxHZ, such as 1920x1080x60", text);
    return mode;
}

std::filesystem::path default_config_dir() {
    const char* home = std::getenv("HOME");
    return home == nullptr ? std::filesystem::path() : std::filesystem::path(home) / ".config/punktfunk";
}

}  // namespace punktfunk::cli
