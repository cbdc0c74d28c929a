// Programs that are installed, by their .desktop files. One in the user's own folder stands for the system's of the
// same id, also to hide it.
#include <algorithm>
#include <set>

#include "desktop_entry.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/library/pictures.hpp"
#include "punktfunk/library/scan.hpp"

namespace punktfunk::library {

namespace {

namespace fs = std::filesystem;

bool is_installed(const std::string& program, const Places& places) {
    std::error_code missing;
    if (program.starts_with('/')) return fs::exists(program, missing);
    return std::ranges::any_of(places.program_dirs,
                               [&](const fs::path& dir) { return fs::exists(dir / program, missing); });
}

// In the theme that every other falls back to, and where icons lay before there were themes.
fs::path icon_file(const std::string& icon, const std::vector<fs::path>& data_dirs) {
    if (icon.starts_with('/')) return first_picture({icon});
    if (icon.empty() || icon.find('/') != std::string::npos) return {};
    std::vector<fs::path> candidates;
    for (const auto& dir : data_dirs) {
        for (const char* size : {"512x512", "256x256", "192x192", "128x128", "96x96", "64x64", "48x48"})
            candidates.push_back(dir / "icons/hicolor" / size / "apps" / (icon + ".png"));
        candidates.push_back(dir / "icons/hicolor/scalable/apps" / (icon + ".svg"));
        candidates.push_back(dir / "pixmaps" / (icon + ".png"));
    }
    return first_picture(candidates);
}

// The games of launchers are listed by the launchers; their shortcuts would be second ones.
bool is_launcher_shortcut(const DesktopEntry& entry) {
    return std::ranges::any_of(entry.command, [](const std::string& word) {
        return word.starts_with("steam://rungameid/") || word.starts_with("lutris:") || word.starts_with("heroic://");
    });
}

std::optional<Entry> listed(const std::string& id, const DesktopEntry& entry, const Places& places,
                            const std::vector<fs::path>& data_dirs) {
    auto title = clean_title(entry.name);
    if (!entry.shown || entry.terminal || title.empty() || is_launcher_shortcut(entry)) return std::nullopt;
    if (!is_installed(entry.try_exec.empty() ? entry.command.front() : entry.try_exec, places)) return std::nullopt;
    std::string command;
    if (!entry.directory.empty()) command.append("cd ").append(shell_word(entry.directory)).append(" && ");
    for (const auto& word : entry.command) command.append(shell_word(word)).append(" ");
    command.pop_back();
    if (command.size() > kMaxCommand) return std::nullopt;
    Art art;
    art[static_cast<size_t>(ArtKind::Logo)] = icon_file(entry.icon, data_dirs);
    return Entry{"app:" + id, "desktop", std::move(title), std::move(art), Launch{Launch::Kind::Command, command}};
}

}  // namespace

std::vector<Entry> scan_desktop_entries(const Places& places) {
    std::vector<fs::path> data_dirs{places.data_home};
    data_dirs.insert(data_dirs.end(), places.data_dirs.begin(), places.data_dirs.end());
    std::vector<Entry> entries;
    std::set<std::string> seen;
    for (const auto& dir : data_dirs) {
        const fs::path folder = dir / "applications";
        std::error_code ec;
        fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, ec), end;
        for (; !ec && at != end; at.increment(ec)) {
            if (at->path().extension() != ".desktop") continue;
            // The id: its path in the folder, with '-' for '/', without the ending.
            std::string id = at->path().lexically_relative(folder).replace_extension().string();
            std::ranges::replace(id, '/', '-');
            if (!seen.insert(id).second || entries.size() == kMaxEntries) continue;
            const auto text = read_file(at->path());
            const auto entry = text ? parse_desktop_entry(*text) : std::nullopt;
            if (!entry) continue;
            if (auto one = listed(id, *entry, places, data_dirs)) entries.push_back(std::move(*one));
        }
    }
    return entries;
}

}  // namespace punktfunk::library
