#include "punktfunk/library/library.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/library/pictures.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::library {
namespace {

using namespace std::string_literals;

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n...";

CustomInput input(std::string title, std::optional<Launch> launch = {}) {
    return {.title = std::move(title), .art = {}, .launch = std::move(launch)};
}

TEST(CustomLibrary, KeepsWhatItWasGiven) {
    const test::TempDirectory directory;
    auto library = CustomLibrary::open(directory.path());
    ASSERT_TRUE(library);
    auto wanted = input("My game", Launch{Launch::Kind::Command, "game --fast"});
    wanted.art[0] = "https://example.org/a.jpg";
    const auto made = library->create(wanted);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->id.size(), 12u);
    ASSERT_TRUE(library->create(input("Other", Launch{Launch::Kind::SteamAppId, "570"})));
    ASSERT_TRUE(library->update(made->id, input("Renamed", wanted.launch)));

    const auto again = CustomLibrary::open(directory.path());
    ASSERT_TRUE(again);
    ASSERT_EQ(again->entries().size(), 2u);
    EXPECT_EQ(again->entries()[0].title, "Renamed");
    EXPECT_EQ(again->entries()[0].id, made->id);
    EXPECT_EQ(again->entries()[0].launch->value, "game --fast");
    EXPECT_EQ(again->entries()[1].launch->kind, Launch::Kind::SteamAppId);
}

TEST(CustomLibrary, ReadsTheFormatOfOthers) {
    const test::TempDirectory directory;
    std::ofstream(directory.path() / "library.json")
        << R"([{"id":"0123456789ab","title":"A","art":{"portrait":"https://x/y.png"},
               "launch":{"kind":"steam_appid","value":"70"}}, {"id":"0123456789ac","title":"B","art":{}}])";
    const auto library = CustomLibrary::open(directory.path());
    ASSERT_TRUE(library) << library.error().message;
    EXPECT_EQ(library->entries()[0].art[0], "https://x/y.png");
    EXPECT_FALSE(library->entries()[1].launch);
}

TEST(CustomLibrary, AFaultyFileIsNamedAndLeftAlone) {
    for (const std::string& text :
         {"{"s, "{}"s, R"([{"id":"0123456789ab"}])"s, R"([{"id":"../../../etc","title":"A"}])"s,
          R"([{"id":"0123456789ab","title":"A"},{"id":"0123456789ab","title":"B"}])"s,
          R"([{"id":"0123456789ab","title":"A","launch":{"kind":"magic","value":"x"}}])"s,
          R"([{"id":"0123456789ab","title":"A","launch":{"kind":"steam_appid","value":"x"}}])"s,
          R"([{"id":"0123456789ab","title":"A","art":{"hero":5}}])"s}) {
        const test::TempDirectory directory;
        const auto file = directory.path() / "library.json";
        std::ofstream(file) << text;
        const auto library = CustomLibrary::open(directory.path());
        ASSERT_FALSE(library) << text;
        EXPECT_EQ(library.error().code, ErrorCode::InvalidArgument);
        EXPECT_THAT(library.error().message, testing::HasSubstr(file.string()));
        EXPECT_EQ(read_file(file).value(), text);
    }
}

TEST(CustomLibrary, RefusesWhatIsNoEntry) {
    const test::TempDirectory directory;
    auto library = CustomLibrary::open(directory.path()).value();
    EXPECT_FALSE(library.create(input(" \n ")));
    EXPECT_FALSE(library.create(input("x", Launch{Launch::Kind::Command, ""})));
    EXPECT_FALSE(library.create(input("x", Launch{Launch::Kind::Command, "a\nb"})));
    EXPECT_FALSE(library.create(input("x", Launch{Launch::Kind::Command, std::string(kMaxCommand + 1, 'x')})));
    EXPECT_FALSE(library.create(input("x", Launch{Launch::Kind::SteamAppId, "570; reboot"})));
    EXPECT_EQ(library.update("000000000000", input("x")).error().code, ErrorCode::NotAvailable);
    EXPECT_EQ(library.remove("000000000000").error().code, ErrorCode::NotAvailable);
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "library.json"));
}

TEST(CustomLibrary, HoldsNoMoreThanItCanReadAgain) {
    constexpr size_t kMostBytes = 8 << 20;
    const test::TempDirectory directory;
    auto list = nlohmann::json::array();
    const std::string command(kMaxCommand, 'x');
    for (size_t bytes = 0; bytes + 2 * kMaxCommand < kMostBytes; bytes += list.back().dump(2).size() + 20) {
        list.push_back({{"id", fmt::format("{:012x}", list.size())},
                        {"title", "x"},
                        {"launch", {{"kind", "command"}, {"value", command}}}});
    }
    std::ofstream(directory.path() / "library.json") << list.dump(2);
    auto library = CustomLibrary::open(directory.path()).value();
    std::optional<ErrorCode> refused;
    for (int more = 0; more < 8 && !refused; ++more) {
        const auto made = library.create(input("x", Launch{Launch::Kind::Command, command}));
        if (!made) refused = made.error().code;
    }
    EXPECT_EQ(refused, ErrorCode::Exhausted);
    const auto again = CustomLibrary::open(directory.path());
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->entries().size(), library.entries().size());
}

TEST(CustomLibrary, PicturesComeAndGoWithTheirEntry) {
    const test::TempDirectory directory;
    auto library = CustomLibrary::open(directory.path()).value();
    const auto id = library.create(input("x")).value().id;
    EXPECT_EQ(library.set_picture("000000000000", ArtKind::Hero, kPng).error().code, ErrorCode::NotAvailable);
    EXPECT_EQ(library.set_picture(id, ArtKind::Hero, "<svg onload=x>").error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(library.set_picture(id, ArtKind::Hero, "#!/bin/sh").error().code, ErrorCode::InvalidArgument);
    ASSERT_TRUE(library.set_picture(id, ArtKind::Hero, kPng));
    const auto file = library.picture(id, ArtKind::Hero);
    EXPECT_EQ(read_picture(file).value().content_type, "image/png");
    EXPECT_TRUE(library.picture(id, ArtKind::Logo).empty());
    ASSERT_TRUE(library.set_picture(id, ArtKind::Hero, ""));
    EXPECT_TRUE(library.picture(id, ArtKind::Hero).empty());
    ASSERT_TRUE(library.set_picture(id, ArtKind::Hero, kPng));
    ASSERT_TRUE(library.remove(id));
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(Pictures, AreToldByTheirBytes) {
    EXPECT_EQ(picture_type(kPng), "image/png");
    EXPECT_EQ(picture_type("\xff\xd8\xff\xe0"), "image/jpeg");
    EXPECT_EQ(picture_type("RIFF....WEBPVP8 "), "image/webp");
    EXPECT_EQ(picture_type("RIFF....WAVE"), "");
    EXPECT_EQ(picture_type("\n<?xml version=\"1.0\"?>\n<svg/>"), "image/svg+xml");
    EXPECT_EQ(picture_type("<?xml version=\"1.0\"?><html/>"), "");
    EXPECT_EQ(picture_type("<html><svg/></html>"), "");
    EXPECT_EQ(picture_type(""), "");
}

TEST(Library, ListsBothInOrderAndFindsEach) {
    const test::TempDirectory directory;
    Library library(CustomLibrary::open(directory.path()).value());
    const auto id = library.custom().create(input("chess")).value().id;
    const std::vector<Entry> found{{"app:a", "desktop", "Zoo", {}, {}}, {"steam:1", "steam", "Ants", {}, {}}};
    EXPECT_TRUE(library.set_installed(found));
    EXPECT_FALSE(library.set_installed(found));
    std::vector<std::string> ids;
    for (const auto& entry : library.list()) ids.push_back(entry.id);
    EXPECT_THAT(ids, testing::ElementsAre("steam:1", "custom:" + id, "app:a"));
    EXPECT_EQ(library.find("steam:1")->title, "Ants");
    EXPECT_EQ(library.find("custom:" + id)->store, "custom");
    EXPECT_FALSE(library.find("custom:"));
    EXPECT_FALSE(library.find("steam:2"));
}

}  // namespace
}  // namespace punktfunk::library
