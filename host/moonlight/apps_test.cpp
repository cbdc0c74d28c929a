#include "apps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include "box_art.hpp"
#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::moonlight {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string complaint(const std::string& json) {
    const auto apps = parse_apps(json, "/config", "sway");
    EXPECT_FALSE(apps) << json;
    return apps ? "" : apps.error().message;
}

}  // namespace

TEST(Apps, AreReadWithEverythingTheyMaySay) {
    const auto apps = parse_apps(R"({"apps": [
        {"name": "Game", "command": "game --fast", "directory": "/srv/game", "environment": {"LANG": "de", "X_2": ""},
         "undo": "tidy", "image": "art/game.png", "compositor": "sway"},
        {"name": "Größe", "command": "true", "compositor": "auto", "image": "/else/where.png"}]})",
                                 "/config", "sway");
    ASSERT_TRUE(apps) << apps.error().message;
    ASSERT_EQ(apps->size(), 3u);
    EXPECT_EQ(apps->at(0).name, "Desktop");
    EXPECT_FALSE(apps->at(0).program);
    const App& game = apps->at(1);
    EXPECT_EQ(game.name, "Game");
    EXPECT_EQ(game.program->command, "game --fast");
    EXPECT_EQ(game.program->directory, "/srv/game");
    EXPECT_THAT(game.program->environment, ElementsAre("LANG=de", "X_2="));
    EXPECT_EQ(game.undo, "tidy");
    EXPECT_EQ(game.image, "/config/art/game.png");
    EXPECT_EQ(apps->at(2).image, "/else/where.png");
    // What clients remember: of the name, and of nothing else.
    EXPECT_EQ(parse_apps(R"({"apps": [{"name": "Game", "command": "other"}]})", "", "sway")->at(1).id, game.id);
    for (const App& app : *apps) EXPECT_GT(app.id, 0);
}

TEST(Apps, AFaultIsNamed) {
    EXPECT_THAT(complaint("{"), HasSubstr("not JSON"));
    EXPECT_THAT(complaint("[]"), HasSubstr("'apps'"));
    EXPECT_THAT(complaint(R"({"apps": [7]})"), HasSubstr("app 1"));
    EXPECT_THAT(complaint(R"({"apps": [{"command": "x"}]})"), HasSubstr("name is missing"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G"}]})"), HasSubstr("app 'G': command is missing"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "command": ""}]})"), HasSubstr("command"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "cmd": "x"}]})"), HasSubstr("no key 'cmd'"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G\n", "command": "x"}]})"), HasSubstr("name"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "command": "x", "directory": "here"}]})"), HasSubstr("directory"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "command": "x", "environment": {"A=B": "c"}}]})"),
                HasSubstr("'A=B'"));
    // Whatever a key is, the complaint is one short line.
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "a\nb": ""}]})"), HasSubstr("no key (a text of 3 bytes)"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "command": "x", "environment": {")" + std::string(5000, 'A') +
                          R"(": ""}}]})"),
                HasSubstr("called (a text of 5000 bytes)"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "command": "x", "environment": {"A": 1}}]})"),
                HasSubstr("A must"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "command": "x", "compositor": "kwin"}]})"),
                HasSubstr("this host runs sway"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "G", "command": "x"}, {"name": "G", "command": "y"}]})"),
                HasSubstr("already"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": "Desktop", "command": "x"}]})"), HasSubstr("already"));
    EXPECT_THAT(complaint(R"({"apps": [{"name": ")" + std::string(129, 'n') + R"(", "command": "x"}]})"),
                HasSubstr("128"));
}

TEST(Apps, TheFileIsReadAgainWhenItChanges) {
    const test::TempDirectory directory;
    const auto file = directory.path() / "apps.json";
    AppCatalogue catalogue(file, "sway", nullptr);
    EXPECT_EQ(catalogue.apps().size(), 1u) << "no file: the desktop";
    ASSERT_TRUE(write_file_atomic(file, R"({"apps": [{"name": "One", "command": "true"}]})"));
    ASSERT_EQ(catalogue.apps().size(), 2u);
    const int32_t id = catalogue.apps()[1].id;
    ASSERT_TRUE(write_file_atomic(file, R"({"apps": [{"name": "One", "command": "true"}, {"name":)"));
    EXPECT_EQ(catalogue.apps().size(), 2u) << "what cannot be read changes nothing";
    ASSERT_TRUE(
        write_file_atomic(file, R"({"apps": [{"name": "Two", "command": "true"}, {"name": "3", "command": "x"}]})"));
    EXPECT_EQ(catalogue.apps().size(), 3u);
    EXPECT_FALSE(catalogue.find(id));
    std::filesystem::remove(file);
    EXPECT_EQ(catalogue.apps().size(), 1u);
}

TEST(Apps, TheLibraryComesAfterTheFile) {
    const test::TempDirectory directory;
    const auto file = directory.path() / "apps.json";
    ASSERT_TRUE(write_file_atomic(file, R"({"apps": [{"name": "One", "command": "from the file"}]})"));
    std::vector<LibraryApp> library{{"One", "from the library", {}},
                                    {"Chess", "chess --full", "/art/chess.png"},
                                    {"two\nlines", "x", {}},
                                    {"Chess", "another", {}}};
    AppCatalogue catalogue(file, "sway", [&] { return library; });
    const auto apps = catalogue.apps();
    ASSERT_EQ(apps.size(), 3u) << "the desktop, and two of five";
    EXPECT_EQ(apps[1].program->command, "from the file");
    EXPECT_EQ(apps[2].name, "Chess");
    EXPECT_EQ(apps[2].program->command, "chess --full");
    EXPECT_EQ(apps[2].image, "/art/chess.png");
    EXPECT_EQ(catalogue.find(apps[2].id)->name, "Chess");
    for (int i = 0; i < 1000; ++i) library.push_back({fmt::format("Game {}", i), "x", {}});
    EXPECT_EQ(catalogue.apps().size(), 257u) << "more than clients show anyway";
}

TEST(BoxArt, IsAPictureEvenWhereThereIsNone) {
    const auto drawn = default_box_art();
    ASSERT_TRUE(drawn) << drawn.error().message;
    EXPECT_LT(drawn->size(), 100'000u);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    ASSERT_NE(::png_image_begin_read_from_memory(&image, drawn->data(), drawn->size()), 0) << image.message;
    EXPECT_EQ(image.width, 628u);
    EXPECT_EQ(image.height, 888u);
    ::png_image_free(&image);

    const test::TempDirectory directory;
    ASSERT_TRUE(write_file_atomic(directory.path() / "art.png", *drawn));
    EXPECT_EQ(load_box_art(directory.path() / "art.png"), *drawn);
    ASSERT_TRUE(write_file_atomic(directory.path() / "art.jpg", "\xff\xd8\xff\xe0"));
    EXPECT_TRUE(is_jpeg(load_box_art(directory.path() / "art.jpg").value_or("")));
    EXPECT_FALSE(is_jpeg(*drawn));
    ASSERT_TRUE(write_file_atomic(directory.path() / "text", "not a picture"));
    EXPECT_EQ(load_box_art(directory.path() / "text").error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(load_box_art(directory.path() / "none").error().code, ErrorCode::NotAvailable);
}

}  // namespace punktfunk::moonlight
