#include "punktfunk/library/custom_library.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"
#include "punktfunk/library/pictures.hpp"

namespace punktfunk::library {

namespace {

using nlohmann::json;

constexpr size_t kMaxFile = 8 << 20, kMaxAddress = 2048;
constexpr const char* kKindNames[] = {"steam_appid", "command"};  // by Launch::Kind

bool is_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Result<void> check(CustomInput& input) {
    input.title = clean_title(input.title);
    if (input.title.empty()) return fail(ErrorCode::InvalidArgument, "title must not be empty");
    for (size_t kind = 0; kind < input.art.size(); ++kind) {
        if (input.art[kind].size() > kMaxAddress || !is_line(input.art[kind]))
            return fail(ErrorCode::InvalidArgument, "art.{} is no address of a picture", kArtKindNames[kind]);
    }
    if (!input.launch) return {};
    const auto& [kind, value] = *input.launch;
    if (kind == Launch::Kind::SteamAppId && !is_number(value))
        return fail(ErrorCode::InvalidArgument, "launch.value must be the number of a game at Steam");
    if (value.empty() || value.size() > kMaxCommand || !is_line(value))
        return fail(ErrorCode::InvalidArgument, "launch.value must be a command of 1 to {} bytes, in one line",
                    kMaxCommand);
    return {};
}

json to_json(const CustomEntry& entry) {
    json object{{"id", entry.id}, {"title", entry.title}, {"art", json::object()}};
    for (size_t kind = 0; kind < entry.art.size(); ++kind) {
        if (!entry.art[kind].empty()) object["art"][std::string(kArtKindNames[kind])] = entry.art[kind];
    }
    if (entry.launch) {
        object["launch"] = {{"kind", kKindNames[static_cast<size_t>(entry.launch->kind)]},
                            {"value", entry.launch->value}};
    }
    return object;
}

// A text member; empty when there is none, nullopt when it is something else.
std::optional<std::string> text_of(const json& object, std::string_view key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return std::string();
    if (!found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

std::optional<CustomEntry> parse(const json& object) {
    if (!object.is_object()) return std::nullopt;
    const auto id = text_of(object, "id"), title = text_of(object, "title");
    if (!id || id->size() != 12 || !from_hex(*id) || !title) return std::nullopt;
    CustomEntry entry{{.title = *title, .art = {}, .launch = {}}, *id};
    if (object.contains("art") && !object["art"].is_null()) {
        if (!object["art"].is_object()) return std::nullopt;
        for (size_t kind = 0; kind < entry.art.size(); ++kind) {
            auto address = text_of(object["art"], kArtKindNames[kind]);
            if (!address) return std::nullopt;
            entry.art[kind] = std::move(*address);
        }
    }
    if (object.contains("launch") && !object["launch"].is_null()) {
        const json& launch = object["launch"];
        if (!launch.is_object()) return std::nullopt;
        const auto kind = text_of(launch, "kind"), value = text_of(launch, "value");
        const auto known = kind ? std::ranges::find(kKindNames, *kind) : std::end(kKindNames);
        if (known == std::end(kKindNames) || !value) return std::nullopt;
        entry.launch = Launch{static_cast<Launch::Kind>(known - std::begin(kKindNames)), *value};
    }
    if (!check(entry)) return std::nullopt;
    return entry;
}

}  // namespace

Result<CustomLibrary> CustomLibrary::open(const std::filesystem::path& config_dir) {
    CustomLibrary library(config_dir);
    const auto text = read_file(library.file_, kMaxFile);
    if (!text && text.error().code == ErrorCode::NotAvailable) return library;
    if (!text) return std::unexpected(text.error());
    const auto faulty = [&](std::string_view what) {
        return fail(ErrorCode::InvalidArgument, "{}: {}: correct it, or delete it", library.file_.string(), what);
    };
    const auto document = json::parse(*text, nullptr, /*allow_exceptions=*/false);
    if (!document.is_array()) return faulty("it is not a list of games");
    if (document.size() > kMax) return faulty(fmt::format("it lists more than {} games", kMax));
    for (const auto& object : document) {
        auto entry = parse(object);
        if (!entry || library.find(entry->id) != nullptr)
            return faulty(fmt::format("its entry {} is no game's", library.entries_.size() + 1));
        library.entries_.push_back(std::move(*entry));
    }
    return library;
}

const CustomEntry* CustomLibrary::find(std::string_view id) const {
    const auto found = std::ranges::find(entries_, id, &CustomEntry::id);
    return found == entries_.end() ? nullptr : &*found;
}

Result<void> CustomLibrary::keep(std::vector<CustomEntry> entries) {
    auto list = json::array();
    for (const auto& entry : entries) list.push_back(to_json(entry));
    // A title may come from a client that does not know UTF-8.
    const auto text = list.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    if (text.size() > kMaxFile)
        return fail(ErrorCode::Exhausted, "the library's own entries would need more than {} MiB", kMaxFile >> 20);
    if (auto written = write_file_atomic(file_, text); !written) return written;
    entries_ = std::move(entries);
    return {};
}

Result<CustomEntry> CustomLibrary::create(CustomInput input) {
    if (auto checked = check(input); !checked) return std::unexpected(checked.error());
    if (entries_.size() >= kMax) return fail(ErrorCode::Exhausted, "the library holds {} games already", kMax);
    std::array<uint8_t, 6> random{};
    do {
        crypto::random_bytes(random);
    } while (find(to_hex(random)) != nullptr);
    CustomEntry entry{std::move(input), to_hex(random)};
    auto entries = entries_;
    entries.push_back(entry);
    if (auto kept = keep(std::move(entries)); !kept) return std::unexpected(kept.error());
    return entry;
}

Result<CustomEntry> CustomLibrary::update(std::string_view id, CustomInput input) {
    if (auto checked = check(input); !checked) return std::unexpected(checked.error());
    auto entries = entries_;
    const auto at = std::ranges::find(entries, id, &CustomEntry::id);
    if (at == entries.end()) return fail(ErrorCode::NotAvailable, "there is no game '{}'", id);
    static_cast<CustomInput&>(*at) = std::move(input);
    const CustomEntry entry = *at;
    if (auto kept = keep(std::move(entries)); !kept) return std::unexpected(kept.error());
    return entry;
}

Result<void> CustomLibrary::remove(std::string_view id) {
    auto entries = entries_;
    if (std::erase_if(entries, [&](const CustomEntry& entry) { return entry.id == id; }) == 0)
        return fail(ErrorCode::NotAvailable, "there is no game '{}'", id);
    const std::string gone(id);
    if (auto kept = keep(std::move(entries)); !kept) return kept;
    std::error_code none;
    for (size_t kind = 0; kind < kArtKindNames.size(); ++kind)
        std::filesystem::remove(picture_file(gone, static_cast<ArtKind>(kind)), none);
    return {};
}

Result<void> CustomLibrary::set_picture(std::string_view id, ArtKind kind, std::string_view bytes) {
    if (find(id) == nullptr) return fail(ErrorCode::NotAvailable, "there is no game '{}'", id);
    const auto file = picture_file(id, kind);
    if (bytes.empty()) {
        std::error_code failed;
        std::filesystem::remove(file, failed);
        if (failed) return fail_errno(failed.value(), "deleting " + file.string());
        return {};
    }
    const auto type = picture_type(bytes);
    // An SVG may hold a script.
    if (type.empty() || type == "image/svg+xml")
        return fail(ErrorCode::InvalidArgument, "the picture must be a PNG, a JPEG or a WebP");
    return write_file_atomic(file, bytes);
}

std::filesystem::path CustomLibrary::picture(std::string_view id, ArtKind kind) const {
    return find(id) == nullptr ? std::filesystem::path() : first_picture({picture_file(id, kind)});
}

// `id` is one of ours: hex digits.
std::filesystem::path CustomLibrary::picture_file(std::string_view id, ArtKind kind) const {
    return art_dir_ / fmt::format("{}-{}", id, kArtKindNames[static_cast<size_t>(kind)]);
}

}  // namespace punktfunk::library
