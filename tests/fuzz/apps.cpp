// apps.json in any state: it is refused in one line, or every app of it can be listed, started and found again.
#include "apps.hpp"

#include <algorithm>
#include <set>

#include "punktfunk/nvhttp/response.hpp"
#include "require.hpp"

using namespace punktfunk;

namespace {

bool is_line(std::string_view text) {
    return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void check(const moonlight::App& app) {
    REQUIRE(app.id > 0 && !app.name.empty() && app.name.size() <= 128 && is_line(app.name));
    REQUIRE(app.program && !app.program->command.empty() && is_line(app.program->command) && is_line(app.undo));
    REQUIRE(app.program->directory.empty() || app.program->directory.is_absolute());
    REQUIRE(app.image.empty() || app.image.is_absolute());
    for (const std::string& variable : app.program->environment) {
        // What execve() takes for one variable.
        REQUIRE(variable.find('=') > 0 && variable.find('=') != std::string::npos);
        REQUIRE(variable.find('\0') == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto apps = moonlight::parse_apps(text, "/etc/punktfunk", "sway");
    if (!apps) {
        REQUIRE(apps.error().code == ErrorCode::InvalidArgument);
        REQUIRE(is_line(apps.error().message) && apps.error().message.size() < 1000);
        return 0;
    }
    REQUIRE(!apps->empty() && !apps->front().program && apps->front().name == display::kDesktopName);
    std::set<int32_t> ids;
    std::vector<nvhttp::App> listed;
    for (const auto& app : *apps) {
        if (ids.empty()) {
            REQUIRE(app.id > 0);
        } else {
            check(app);
        }
        REQUIRE(ids.insert(app.id).second);
        listed.push_back({.id = app.id, .title = app.name, .hdr = false});
    }
    const std::string body = nvhttp::app_list(listed).body;
    REQUIRE(std::ranges::count(body, '<') == static_cast<ptrdiff_t>(3 + 8 * listed.size()));
    return 0;
}
