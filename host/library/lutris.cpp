// Lutris keeps its games in a database.
#include <sqlite3.h>

#include <memory>

#include "punktfunk/library/pictures.hpp"
#include "punktfunk/library/scan.hpp"

namespace punktfunk::library {

namespace {

namespace fs = std::filesystem;

using Database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;
using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Database open_database(const fs::path& file) {
    sqlite3* database = nullptr;
    const int opened = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    Database owned(database, &sqlite3_close);
    if (opened != SQLITE_OK) return {nullptr, &sqlite3_close};
    sqlite3_busy_timeout(database, 200);  // ms; Lutris may be writing
    return owned;
}

std::string text_of(sqlite3_stmt* row, int column) {
    const auto* text = sqlite3_column_text(row, column);
    if (text == nullptr) return {};
    return {reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_column_bytes(row, column))};
}

Art art_of(const std::string& slug, const fs::path& data, const fs::path& cache) {
    Art art;
    if (slug.empty() || slug.find('/') != std::string::npos) return art;
    const auto picture = [&](const char* folder) {
        const fs::path name = fs::path(folder) / (slug + ".jpg");
        return first_picture({data / name, cache / name});
    };
    art[static_cast<size_t>(ArtKind::Portrait)] = picture("coverart");
    art[static_cast<size_t>(ArtKind::Header)] = picture("banners");
    return art;
}

void read_games(const fs::path& data, const fs::path& cache, const std::string& program, std::vector<Entry>& entries) {
    std::error_code missing;
    if (!fs::is_regular_file(data / "pga.db", missing)) return;
    const Database database = open_database(data / "pga.db");
    if (!database) return;
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v2(database.get(), "SELECT id, name, slug FROM games WHERE installed = 1 ORDER BY id", -1,
                           &prepared, nullptr) != SQLITE_OK)
        return;
    const Statement rows(prepared, &sqlite3_finalize);
    while (sqlite3_step(rows.get()) == SQLITE_ROW && entries.size() < kMaxEntries) {
        const std::string id = std::to_string(sqlite3_column_int64(rows.get(), 0));
        auto title = clean_title(text_of(rows.get(), 1));
        if (title.empty() || !is_number(id)) continue;
        entries.push_back({"lutris:" + id, "lutris", std::move(title), art_of(text_of(rows.get(), 2), data, cache),
                           Launch{Launch::Kind::Command, program + " lutris:rungameid/" + id}});
    }
}

}  // namespace

std::vector<Entry> scan_lutris(const Places& places) {
    std::vector<Entry> entries;
    const fs::path sandbox = places.home / ".var/app/net.lutris.Lutris";
    read_games(places.data_home / "lutris", places.cache_home / "lutris", "lutris", entries);
    read_games(sandbox / "data/lutris", sandbox / "cache/lutris", "flatpak run net.lutris.Lutris", entries);
    return entries;
}

}  // namespace punktfunk::library
