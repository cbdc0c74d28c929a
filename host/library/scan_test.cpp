#include "punktfunk/library/scan.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>

#include "desktop_entry.hpp"
#include "punktfunk/testing/temp_directory.hpp"
#include "vdf.hpp"

namespace punktfunk::library {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
namespace fs = std::filesystem;

constexpr std::string_view kCover = "\x89PNG\r\n\x1a\n...";

// A home as launchers leave it.
class Home {
  public:
    Home() {
        places.home = directory_.path();
        places.config_home = places.home / ".config";
        places.data_home = places.home / ".local/share";
        places.cache_home = places.home / ".cache";
        places.data_dirs = {places.home / "usr/share"};
        places.program_dirs = {places.home / "bin"};
    }
    void write(const fs::path& file, std::string_view content) {
        fs::create_directories((places.home / file).parent_path());
        std::ofstream(places.home / file) << content;
    }
    [[nodiscard]] std::string path(const fs::path& file) const { return (places.home / file).string(); }
    Places places;

  private:
    test::TempDirectory directory_;
};

std::string manifest(std::string_view id, std::string_view name, int flags = 4) {
    return fmt::format(
        "\"AppState\"\n{{\n\t\"appid\"\t\t\"{}\"\n\t\"name\"\t\t\"{}\"\n\t\"StateFlags\"\t\t\"{}\"\n}}\n", id, name,
        flags);
}

std::vector<std::string> titles(const std::vector<Entry>& entries) {
    std::vector<std::string> names;
    for (const auto& entry : entries) names.push_back(entry.title);
    return names;
}

TEST(Steam, FindsWhatIsInstalledOnEveryDisk) {
    Home home;
    home.write("disk2/steamapps/appmanifest_620.acf", manifest("620", "Portal 2"));
    home.write(".local/share/Steam/steamapps/libraryfolders.vdf",
               fmt::format("\"libraryfolders\"\n{{\n \"0\" {{ \"path\" \"{}\" }}\n \"1\" {{ \"path\" \"{}\" }}\n}}",
                           home.path(".local/share/Steam"), home.path("disk2")));
    home.write(".local/share/Steam/steamapps/appmanifest_570.acf", manifest("570", "Dota 2"));
    home.write(".local/share/Steam/steamapps/appmanifest_10.acf", manifest("10", "Half downloaded", 1026));
    home.write(".local/share/Steam/steamapps/appmanifest_228980.acf", manifest("228980", "Steamworks Common"));
    home.write(".local/share/Steam/steamapps/appmanifest_1.acf", manifest("1", "Proton 9.0"));
    home.write(".local/share/Steam/steamapps/appmanifest_2.acf", "\"AppState\" { \"appid\"");
    home.write(".local/share/Steam/steamapps/appmanifest_3.acf", manifest("3; rm -rf /", "Evil"));
    home.write(".local/share/Steam/appcache/librarycache/570/library_600x900.jpg", "jpeg");
    home.write(".local/share/Steam/appcache/librarycache/570_header.jpg", "jpeg");

    const auto games = scan(home.places);
    ASSERT_THAT(titles(games), ElementsAre("Dota 2", "Portal 2"));
    EXPECT_EQ(games[0].id, "steam:570");
    EXPECT_EQ(games[0].store, "steam");
    EXPECT_EQ(command_of(*games[0].launch), "steam steam://rungameid/570");
    EXPECT_EQ(games[0].art[0], home.path(".local/share/Steam/appcache/librarycache/570/library_600x900.jpg"));
    EXPECT_EQ(games[0].art[3], home.path(".local/share/Steam/appcache/librarycache/570_header.jpg"));
    EXPECT_TRUE(games[0].art[1].empty());
}

TEST(Steam, OneInstallationUnderTwoNamesIsOne) {
    Home home;
    home.write(".local/share/Steam/steamapps/appmanifest_570.acf", manifest("570", "Dota 2"));
    fs::create_directories(home.places.home / ".steam");
    fs::create_directory_symlink(home.path(".local/share/Steam"), home.places.home / ".steam/steam");
    EXPECT_EQ(scan_steam(home.places).size(), 1u);
}

TEST(Steam, TheFlatpakIsStartedAsOne) {
    Home home;
    home.write(".var/app/com.valvesoftware.Steam/.local/share/Steam/steamapps/appmanifest_570.acf",
               manifest("570", "Dota 2"));
    const auto games = scan_steam(home.places);
    ASSERT_EQ(games.size(), 1u);
    EXPECT_EQ(command_of(*games[0].launch), "flatpak run com.valvesoftware.Steam steam://rungameid/570");
}

TEST(Vdf, ReadsWhatSteamWrites) {
    const auto root = parse_vdf("// a comment\n\"A\" { \"Path\" \"C:\\\\x \\\"y\\\"\" b c [$LINUX] \"D\" {} }");
    ASSERT_TRUE(root);
    const VdfNode* a = root->find("a");
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(a->text("PATH"), "C:\\x \"y\"");
    EXPECT_EQ(a->text("b"), "c");
    ASSERT_NE(a->find("d"), nullptr);
    EXPECT_EQ(a->find("e"), nullptr);
}

TEST(Vdf, RefusesWhatIsNone) {
    for (const std::string text : {"\"a\" {", "}", "\"a\"", "\"a", "{}", "\"a\" }"})
        EXPECT_FALSE(parse_vdf(text)) << text;
    std::string deep;
    for (int i = 0; i < 33; ++i) deep += "a {";
    EXPECT_FALSE(parse_vdf(deep + std::string(33, '}')));
    EXPECT_TRUE(parse_vdf(deep.substr(3) + std::string(32, '}')));
}

void run_sql(const fs::path& file, const std::string& sql) {
    fs::create_directories(file.parent_path());
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
}

TEST(Lutris, ReadsItsDatabase) {
    Home home;
    run_sql(home.places.data_home / "lutris/pga.db",
            "CREATE TABLE games (id INTEGER PRIMARY KEY, name TEXT, slug TEXT, installed INTEGER);"
            "INSERT INTO games VALUES (3, 'Quake', 'quake', 1), (4, 'Not here', 'no', 0), (5, NULL, 'x', 1),"
            "(6, 'Sneaky', '../../etc/passwd', 1);");
    home.write(".local/share/lutris/coverart/quake.jpg", "jpeg");
    const auto games = scan_lutris(home.places);
    ASSERT_THAT(titles(games), ElementsAre("Quake", "Sneaky"));
    EXPECT_EQ(games[0].id, "lutris:3");
    EXPECT_EQ(command_of(*games[0].launch), "lutris lutris:rungameid/3");
    EXPECT_EQ(games[0].art[0], home.path(".local/share/lutris/coverart/quake.jpg"));
    EXPECT_TRUE(games[1].art[0].empty());
}

TEST(Lutris, AFileThatIsNoDatabaseCostsNothing) {
    Home home;
    home.write(".local/share/lutris/pga.db",
               "garbage that SQLite does not know, longer than its header of 100 bytes: "
               "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    run_sql(home.places.home / ".var/app/net.lutris.Lutris/data/lutris/pga.db", "CREATE TABLE other (id INTEGER)");
    EXPECT_THAT(scan_lutris(home.places), IsEmpty());
}

TEST(Heroic, ReadsEveryStore) {
    Home home;
    home.write(".config/heroic/store_cache/legendary_library.json",
               R"({"library": [{"app_name": "Fortnite", "title": "Fortnite", "art_square": "https://a/b.jpg"},
                               {"app_name": "Other", "title": "Not installed"}, 7, {"title": "No name"}]})");
    home.write(".config/heroic/legendaryConfig/legendary/installed.json", R"({"Fortnite": {"title": "Fortnite"}})");
    // SHA-256 of "https://a/b.jpg?h=400&resize=1&w=300"
    const std::string kept =
        ".config/heroic/images-cache/edbe56713ba6519f6f2de79925ab700fd4d016e23a69b96e58cc4748a6dd67b8";
    home.write(kept, kCover);
    home.write(".config/heroic/store_cache/gog_library.json",
               R"({"games": [{"app_name": "1207658924", "title": "Unreal"}]})");
    home.write(".config/heroic/gog_store/installed.json", R"({"installed": [{"appName": "1207658924"}]})");
    home.write(".config/heroic/store_cache/nile_library.json",
               R"({"library": [{"app_name": "n-1", "title": "Nile"}]})");
    home.write(".config/heroic/nile_config/nile/installed.json", R"([{"id": "n-1"}])");
    home.write(".config/heroic/sideload_apps/library.json",
               R"-({"games": [{"app_name": "mine", "title": "Mine", "is_installed": true},
                             {"app_name": "gone", "title": "Gone", "is_installed": false},
                             {"app_name": "$(reboot)", "title": "Evil", "is_installed": true}]})-");
    const auto games = scan_heroic(home.places);
    ASSERT_THAT(titles(games), ElementsAre("Fortnite", "Unreal", "Nile", "Mine"));
    EXPECT_EQ(games[0].id, "heroic:legendary:Fortnite");
    EXPECT_EQ(games[0].art[0], home.path(kept));
    EXPECT_EQ(command_of(*games[1].launch), "heroic --no-gui --no-sandbox heroic://launch/gog/1207658924");
    home.write(".config/heroic/store_cache/gog_library.json", R"({"games": "none"})");
    home.write(".config/heroic/store_cache/nile_library.json", "not JSON");
    EXPECT_THAT(titles(scan_heroic(home.places)), ElementsAre("Fortnite", "Mine"));
}

TEST(Heroic, FindsThePicturesItKept) {
    Home home;
    home.write(".config/heroic/sideload_apps/library.json",
               R"({"games": [{"app_name": "mine", "title": "Mine", "is_installed": true, "art_square": "abc"}]})");
    // SHA-256 of "abc", FIPS 180-2's example
    const std::string kept =
        ".config/heroic/images-cache/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    home.write(kept, kCover);
    const auto games = scan_heroic(home.places);
    ASSERT_EQ(games.size(), 1u);
    EXPECT_EQ(games[0].art[0], home.path(kept));
}

TEST(DesktopEntries, AreListedOnceAndAsTheUserWants) {
    Home home;
    home.write("bin/chess", "");
    home.write(
        "usr/share/applications/org.example.Chess.desktop",
        "[Desktop Entry]\nType=Application\nName=Chess\nName[de]=Schach\nExec=chess --fullscreen %U\nIcon=chess\n");
    home.write("usr/share/applications/kde/deep.desktop",
               "[Desktop Entry]\nType=Application\nName=Deep\nExec=chess\nPath=/srv/a b\n");
    home.write("usr/share/applications/hidden.desktop",
               "[Desktop Entry]\nType=Application\nName=Seen by others\nExec=chess\n");
    home.write(".local/share/applications/hidden.desktop",
               "[Desktop Entry]\nType=Application\nName=Hidden\nExec=chess\nHidden=true\n");
    home.write("usr/share/applications/missing.desktop",
               "[Desktop Entry]\nType=Application\nName=Missing\nExec=chess\nTryExec=not-installed\n");
    home.write("usr/share/applications/shell.desktop",
               "[Desktop Entry]\nType=Application\nName=Shell\nExec=chess\nTerminal=true\n");
    home.write("usr/share/applications/steam570.desktop",
               "[Desktop Entry]\nType=Application\nName=Dota\nExec=chess steam://rungameid/570\n");
    home.write("usr/share/icons/hicolor/128x128/apps/chess.png", kCover);
    const auto entries = scan(home.places);
    ASSERT_THAT(titles(entries), ElementsAre("Chess", "Deep"));
    EXPECT_EQ(entries[0].id, "app:org.example.Chess");
    EXPECT_EQ(command_of(*entries[0].launch), "chess --fullscreen");
    EXPECT_EQ(entries[0].art[2], home.path("usr/share/icons/hicolor/128x128/apps/chess.png"));
    EXPECT_EQ(entries[1].id, "app:kde-deep");
    EXPECT_EQ(command_of(*entries[1].launch), "cd '/srv/a b' && chess");
}

TEST(DesktopEntry, ExecIsUnquotedAsTheSpecificationSays) {
    const auto command = [](std::string_view exec) {
        const auto entry =
            parse_desktop_entry(fmt::format("[Desktop Entry]\nType=Application\nName=x\nExec={}\n", exec));
        return entry ? entry->command : std::vector<std::string>{"none"};
    };
    EXPECT_THAT(command("a \"b c\" d%%e %f --icon=%i"), ElementsAre("a", "b c", "d%e", "--icon="));
    EXPECT_THAT(command(R"-("a b)-"), ElementsAre("none")) << "a quote that does not end";
    // The value's own escapes come first: two backslashes are the one that Exec reads.
    EXPECT_THAT(command(R"-("a\\"b" "\\$")-"), ElementsAre("a\"b", "$"));
    EXPECT_THAT(command("\"\" x"), ElementsAre("none"));
    EXPECT_THAT(command(""), ElementsAre("none"));
}

TEST(DesktopEntry, OnlyWhatIsAProgramAndForThisDesktop) {
    const std::string entry = "[Desktop Entry]\nType=Application\nName=x\nExec=y\n";
    EXPECT_TRUE(parse_desktop_entry(entry)->shown);
    EXPECT_TRUE(parse_desktop_entry(entry + "OnlyShowIn=sway;GNOME;\n")->shown);
    EXPECT_FALSE(parse_desktop_entry(entry + "OnlyShowIn=GNOME;\n")->shown);
    EXPECT_FALSE(parse_desktop_entry(entry + "NoDisplay=true\n")->shown);
    EXPECT_TRUE(parse_desktop_entry(entry + "[Desktop Action New]\nNoDisplay=true\n")->shown);
    EXPECT_FALSE(parse_desktop_entry("[Desktop Entry]\nType=Link\nName=x\nExec=y\n"));
    EXPECT_FALSE(parse_desktop_entry("Type=Application\nName=x\nExec=y\n"));
}

TEST(Words, AreOneWordForAShell) {
    EXPECT_EQ(shell_word("plain-1.0/x"), "plain-1.0/x");
    EXPECT_EQ(shell_word("a b"), "'a b'");
    EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_word(""), "''");
    EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
}

TEST(Titles, AreOneLineOfBoundedLength) {
    EXPECT_EQ(clean_title("  a\nb\x7f "), "ab");
    EXPECT_EQ(clean_title("\n"), "");
    EXPECT_EQ(clean_title(std::string(200, 'x')).size(), kMaxTitle);
    EXPECT_EQ(clean_title(std::string(127, 'x') + "\xc3\xa4"), std::string(127, 'x')) << "no half character";
}

}  // namespace
}  // namespace punktfunk::library
