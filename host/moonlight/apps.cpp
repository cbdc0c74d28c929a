#include "apps.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "punktfunk/base/atomic_file.hpp"

namespace punktfunk::moonlight {

namespace {

using nlohmann::json;

constexpr size_t kMaxApps = 256, kMaxName = kMaxAppName, kMaxCommand = 8192;
constexpr std::string_view kKeys[] = {"name", "command", "directory", "environment", "undo", "image", "compositor"};

int32_t id_of(std::string_view name) {
    boost::crc_32_type crc;
    crc.process_bytes(name.data(), name.size());
    return std::max<int32_t>(static_cast<int32_t>(crc.checksum() & 0x7fffffff), 1);
}

App desktop() {
    return {.id = id_of(display::kDesktopName),
            .name = std::string(display::kDesktopName),
            .program = {},
            .undo = {},
            .image = {}};
}

bool is_text(std::string_view text, size_t limit) {
    return !text.empty() && text.size() <= limit &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool is_variable(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
    return !name.empty() && letter(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// What a complaint calls a key of the file: itself, unless it would not be a line that can be read.
std::string named_key(std::string_view key) {
    return is_text(key, kMaxName) ? fmt::format("'{}'", key) : fmt::format("(a text of {} bytes)", key.size());
}

// One entry of the list. `where` names it in complaints.
class Entry {
  public:
    Entry(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

    [[nodiscard]] Result<void> check_keys() const {
        if (!object_.is_object()) return complain("is not an object");
        for (const auto& [key, value] : object_.items()) {
            if (std::ranges::find(kKeys, key) == std::end(kKeys))
                return complain(fmt::format("has no key {}", named_key(key)));
        }
        return {};
    }
    // Empty when it is not there.
    [[nodiscard]] Result<std::string> text(const char* key, size_t limit) const {
        if (!object_.contains(key)) return std::string();
        const json& value = object_[key];
        if (!value.is_string() || !is_text(value.get_ref<const std::string&>(), limit))
            return complain(fmt::format("{} must be a text of 1 to {} bytes, in one line", key, limit));
        return value.get<std::string>();
    }
    [[nodiscard]] Result<std::vector<std::string>> environment() const {
        std::vector<std::string> variables;
        if (!object_.contains("environment")) return variables;
        const json& list = object_["environment"];
        if (!list.is_object()) return complain("environment must be an object of texts");
        for (const auto& [name, value] : list.items()) {
            if (!is_variable(name) || name.size() > kMaxName)
                return complain(fmt::format("environment: a variable cannot be called {}", named_key(name)));
            if (!value.is_string() || value.get_ref<const std::string&>().find('\0') != std::string::npos)
                return complain(fmt::format("environment: {} must be a text", name));
            variables.push_back(name + "=" + value.get<std::string>());
        }
        return variables;
    }
    [[nodiscard]] std::unexpected<Error> complain(std::string_view what) const {
        return fail(ErrorCode::InvalidArgument, "{}: {}", where_, what);
    }
    void call(std::string_view name) { where_ = fmt::format("app '{}'", name); }

  private:
    const json& object_;
    std::string where_;
};

Result<App> parse_app(Entry entry, const std::filesystem::path& directory, std::string_view compositor) {
    if (auto known = entry.check_keys(); !known) return std::unexpected(known.error());
    auto name = entry.text("name", kMaxName);
    if (!name) return std::unexpected(name.error());
    if (name->empty()) return entry.complain("name is missing");
    entry.call(*name);
    auto command = entry.text("command", kMaxCommand), place = entry.text("directory", kMaxCommand);
    auto undo = entry.text("undo", kMaxCommand), image = entry.text("image", kMaxCommand);
    auto wanted = entry.text("compositor", kMaxName);
    for (const auto* text : {&command, &place, &undo, &image, &wanted}) {
        if (!*text) return std::unexpected(text->error());
    }
    auto environment = entry.environment();
    if (!environment) return std::unexpected(environment.error());
    if (command->empty()) return entry.complain("command is missing");
    if (!place->empty() && !std::filesystem::path(*place).is_absolute())
        return entry.complain("directory must be an absolute path");
    if (!wanted->empty() && *wanted != "auto" && *wanted != compositor)
        return entry.complain(
            fmt::format("compositor '{}' is not here: this host runs {} (or say auto)", *wanted, compositor));
    return App{.id = id_of(*name),
               .name = *name,
               .program = display::Program{*command, *place, std::move(*environment), {}},
               .undo = *undo,
               .image = image->empty() ? std::filesystem::path() : directory / *image};
}

}  // namespace

Result<std::vector<App>> parse_apps(std::string_view text, const std::filesystem::path& directory,
                                    std::string_view compositor) {
    const auto document = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (document.is_discarded()) return fail(ErrorCode::InvalidArgument, "it is not JSON");
    if (!document.is_object() || !document.contains("apps") || !document["apps"].is_array())
        return fail(ErrorCode::InvalidArgument, "it must be an object with a list 'apps'");
    if (document["apps"].size() > kMaxApps)
        return fail(ErrorCode::InvalidArgument, "it lists more than {} apps", kMaxApps);
    std::vector<App> apps{desktop()};
    std::set<int32_t> ids{apps.front().id};
    for (const auto& object : document["apps"]) {
        auto app = parse_app(Entry(object, fmt::format("app {}", apps.size())), directory, compositor);
        if (!app) return std::unexpected(app.error());
        if (!ids.insert(app->id).second)
            return fail(ErrorCode::InvalidArgument, "app '{}': there is one of this name already: call it otherwise",
                        app->name);
        apps.push_back(std::move(*app));
    }
    return apps;
}

AppCatalogue::AppCatalogue(std::filesystem::path file, std::string compositor,
                           std::function<std::vector<LibraryApp>()> library)
    : file_(std::move(file)), compositor_(std::move(compositor)), library_(std::move(library)), apps_{desktop()} {}

std::vector<App> AppCatalogue::apps() {
    read_file_anew();
    std::vector<App> apps = apps_;
    if (!library_) return apps;
    std::set<int32_t> ids;
    for (const App& app : apps) ids.insert(app.id);
    for (LibraryApp& one : library_()) {
        if (apps.size() > kMaxApps || !is_text(one.name, kMaxName) || !ids.insert(id_of(one.name)).second) continue;
        apps.push_back({.id = id_of(one.name),
                        .name = std::move(one.name),
                        .program = display::Program{std::move(one.command), {}, {}, {}},
                        .undo = {},
                        .image = std::move(one.image)});
    }
    return apps;
}

void AppCatalogue::read_file_anew() {
    std::error_code no_file;
    std::optional<Stamp> stamp = Stamp{std::filesystem::last_write_time(file_, no_file), 0};
    if (!no_file) stamp->size = std::filesystem::file_size(file_, no_file);
    if (no_file) stamp.reset();
    if (stamp == seen_) return;
    seen_ = stamp;
    if (!stamp) {
        apps_ = {desktop()};
        return;
    }
    const auto text = read_file(file_);
    auto read = text ? parse_apps(*text, file_.parent_path(), compositor_) : std::unexpected(text.error());
    if (read) {
        apps_ = std::move(*read);
        spdlog::info("{}: {} apps beside the desktop", file_.string(), apps_.size() - 1);
    } else {
        spdlog::warn("{}: {}; the list of apps stays as it was", file_.string(), read.error().message);
    }
}

std::optional<App> AppCatalogue::find(int32_t id) {
    for (App& app : apps()) {
        if (app.id == id) return std::move(app);
    }
    return std::nullopt;
}

}  // namespace punktfunk::moonlight
