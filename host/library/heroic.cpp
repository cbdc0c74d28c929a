// Heroic's games, of the stores it knows: which are installed, in files of the store's own tool; what they are called,
// in Heroic's cache of the account's library.
#include <openssl/sha.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/library/pictures.hpp"
#include "punktfunk/library/scan.hpp"

namespace punktfunk::library {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr size_t kMaxCache = 64 << 20;  // an account may own thousands of games

struct Store {
    const char* runner;           // as Heroic's links call it
    const char* library;          // file of all that the account owns
    const char* games;            // its list's key
    const char* installed;        // file of what is installed; null: the library says it
    const char* cover_parameter;  // which Heroic adds to the cover's address before it keeps the picture
};
constexpr Store kStores[] = {
    {"legendary", "store_cache/legendary_library.json", "library", "legendaryConfig/legendary/installed.json",
     "?h=400&resize=1&w=300"},
    {"gog", "store_cache/gog_library.json", "games", "gog_store/installed.json", ""},
    {"nile", "store_cache/nile_library.json", "library", "nile_config/nile/installed.json", ""},
    {"sideload", "sideload_apps/library.json", "games", nullptr, ""},
};

json read_json(const fs::path& file) {
    const auto text = read_file(file, kMaxCache);
    return text ? json::parse(*text, nullptr, /*allow_exceptions=*/false) : json();
}

std::string text_of(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                             : std::string();
}

// An object by id, an object with a list of entries, or the list: each store's tool has its own way.
std::set<std::string> installed_ids(const json& document) {
    std::set<std::string> ids;
    const json& list = document.is_object() && document.contains("installed") ? document["installed"] : document;
    if (list.is_object()) {
        for (const auto& [id, entry] : list.items()) ids.insert(id);
    } else if (list.is_array()) {
        for (const auto& entry : list) {
            for (const char* key : {"appName", "app_name", "id"}) {
                if (auto id = text_of(entry, key); !id.empty()) ids.insert(std::move(id));
            }
        }
    }
    return ids;
}

// The id becomes part of a link and of a command.
bool is_id(std::string_view id) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    return !id.empty() && id.size() <= 100 && id.find_first_not_of(kAllowed) == std::string_view::npos;
}

fs::path kept_picture(const fs::path& config, const std::string& url, const std::string& parameter) {
    if (url.empty()) return {};
    const auto file = [&](const std::string& address) {
        std::array<uint8_t, SHA256_DIGEST_LENGTH> name{};
        ::SHA256(reinterpret_cast<const uint8_t*>(address.data()), address.size(), name.data());
        return config / "images-cache" / to_hex(name);
    };
    return first_picture({file(url + parameter), file(url)});
}

void read_store(const fs::path& config, const std::string& program, const Store& store, std::vector<Entry>& entries) {
    const json document = read_json(config / store.library);
    if (!document.is_object() || !document.contains(store.games) || !document[store.games].is_array()) return;
    const auto installed =
        store.installed != nullptr ? installed_ids(read_json(config / store.installed)) : std::set<std::string>();
    for (const auto& game : document[store.games]) {
        const std::string id = text_of(game, "app_name");
        const bool here = store.installed != nullptr
                              ? installed.contains(id)
                              : game.is_object() && game.contains("is_installed") && game["is_installed"] == true;
        auto title = clean_title(text_of(game, "title"));
        if (!here || !is_id(id) || title.empty() || entries.size() == kMaxEntries) continue;
        Art art;
        art[static_cast<size_t>(ArtKind::Portrait)] =
            kept_picture(config, text_of(game, "art_square"), store.cover_parameter);
        art[static_cast<size_t>(ArtKind::Header)] = kept_picture(config, text_of(game, "art_cover"), "");
        const std::string link = std::string("heroic://launch/") + store.runner + "/" + id;
        entries.push_back({std::string("heroic:") + store.runner + ":" + id, "heroic", std::move(title), std::move(art),
                           Launch{Launch::Kind::Command, program + " --no-gui --no-sandbox " + shell_word(link)}});
    }
}

}  // namespace

std::vector<Entry> scan_heroic(const Places& places) {
    std::vector<Entry> entries;
    for (const auto& [config, program] : {std::pair{places.config_home / "heroic", std::string("heroic")},
                                          {places.home / ".var/app/com.heroicgameslauncher.hgl/config/heroic",
                                           std::string("flatpak run com.heroicgameslauncher.hgl")}}) {
        for (const Store& store : kStores) read_store(config, program, store, entries);
    }
    return entries;
}

}  // namespace punktfunk::library
