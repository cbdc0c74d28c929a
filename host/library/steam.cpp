// Steam's games: libraryfolders.vdf names the disks, an appmanifest_<id>.acf on each names a game.
#include <algorithm>
#include <charconv>
#include <set>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/library/pictures.hpp"
#include "punktfunk/library/scan.hpp"
#include "vdf.hpp"

namespace punktfunk::library {

namespace {

namespace fs = std::filesystem;

constexpr unsigned kFullyInstalled = 4;  // in StateFlags
constexpr size_t kMaxFolders = 64;

struct Installation {
    fs::path root;
    bool flatpak = false;
};

std::vector<Installation> installations(const Places& places) {
    std::vector<Installation> found;
    std::set<fs::path> seen;
    const fs::path sandbox = places.home / ".var/app/com.valvesoftware.Steam";
    for (const Installation& candidate : {Installation{places.data_home / "Steam"},
                                          {places.home / ".steam/steam"},
                                          {places.home / ".steam/debian-installation"},
                                          {sandbox / ".local/share/Steam", true},
                                          {sandbox / "data/Steam", true}}) {
        std::error_code missing;
        const auto root = fs::canonical(candidate.root, missing);
        if (!missing && seen.insert(root).second) found.push_back({root, candidate.flatpak});
    }
    return found;
}

std::optional<VdfNode> read_vdf(const fs::path& file) {
    const auto text = read_file(file);
    return text ? parse_vdf(*text) : std::nullopt;
}

std::vector<fs::path> library_folders(const fs::path& root) {
    std::vector<fs::path> folders{root};
    const auto file = read_vdf(root / "steamapps/libraryfolders.vdf");
    const VdfNode* list = file ? file->find("libraryfolders") : nullptr;
    if (list == nullptr) return folders;
    for (const VdfNode& folder : list->children) {
        // Before 2021 the path was the value itself.
        const std::string path(folder.children.empty() ? std::string_view(folder.value) : folder.text("path"));
        std::error_code missing;
        const auto at = path.starts_with('/') ? fs::canonical(path, missing) : fs::path();
        if (!missing && !at.empty() && folders.size() < kMaxFolders && std::ranges::find(folders, at) == folders.end())
            folders.push_back(at);
    }
    return folders;
}

// What Steam installs for itself: no game.
bool is_tool(std::string_view id, std::string_view name) {
    return id == "228980" || name.starts_with("Proton ") || name.starts_with("Steam Linux Runtime") ||
           name.starts_with("Steamworks Common");
}

Art art_of(const fs::path& root, const std::string& id) {
    const fs::path cache = root / "appcache/librarycache";
    const auto picture = [&](std::string_view name) {
        return first_picture({cache / id / name, cache / (id + "_" + std::string(name))});
    };
    Art art;
    art[static_cast<size_t>(ArtKind::Portrait)] = picture("library_600x900.jpg");
    art[static_cast<size_t>(ArtKind::Hero)] = picture("library_hero.jpg");
    art[static_cast<size_t>(ArtKind::Logo)] = picture("logo.png");
    art[static_cast<size_t>(ArtKind::Header)] = picture("header.jpg");
    return art;
}

std::optional<Entry> read_manifest(const fs::path& file, const Installation& steam) {
    const auto manifest = read_vdf(file);
    const VdfNode* state = manifest ? manifest->find("AppState") : nullptr;
    if (state == nullptr) return std::nullopt;
    const std::string id(state->text("appid"));
    const auto flags_text = state->text("StateFlags");
    unsigned flags = 0;
    std::from_chars(flags_text.data(), flags_text.data() + flags_text.size(), flags);
    auto title = clean_title(state->text("name"));
    if (!is_number(id) || title.empty() || (flags & kFullyInstalled) == 0 || is_tool(id, title)) return std::nullopt;
    Launch launch{Launch::Kind::SteamAppId, id};
    if (steam.flatpak) launch = {Launch::Kind::Command, "flatpak run com.valvesoftware.Steam steam://rungameid/" + id};
    return Entry{"steam:" + id, "steam", std::move(title), art_of(steam.root, id), std::move(launch)};
}

}  // namespace

std::vector<Entry> scan_steam(const Places& places) {
    std::vector<Entry> entries;
    for (const Installation& steam : installations(places)) {
        for (const fs::path& folder : library_folders(steam.root)) {
            std::error_code ec;
            for (fs::directory_iterator at(folder / "steamapps", ec), end; !ec && at != end; at.increment(ec)) {
                const auto name = at->path().filename().string();
                if (!name.starts_with("appmanifest_") || !name.ends_with(".acf")) continue;
                if (auto entry = read_manifest(at->path(), steam); entry && entries.size() < kMaxEntries)
                    entries.push_back(std::move(*entry));
            }
        }
    }
    return entries;
}

}  // namespace punktfunk::library
