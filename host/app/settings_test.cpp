#include "settings.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "address.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::app {

using nlohmann::json;

namespace {

class SettingsTest : public testing::Test {
  protected:
    [[nodiscard]] Settings load(std::map<std::string, std::string> given = {}, ServeOptions options = {}) const {
        return Settings::load(file_, std::move(options), std::move(given));
    }
    void write(const std::string& content) const { std::ofstream(file_) << content; }
    [[nodiscard]] static management::SettingView view(const Settings& settings, const std::string& key) {
        for (auto& view : settings.views()) {
            if (view.key == key) return view;
        }
        throw std::runtime_error("no setting " + key);
    }
    test::TempDirectory directory_;
    const std::filesystem::path file_ = directory_.path() / "settings.json";
};

}  // namespace

TEST_F(SettingsTest, DefaultsAreWhatTheFlagsSay) {
    const auto settings = load();
    const auto views = settings.views();
    for (const auto& view : views) {
        EXPECT_EQ(view.value, view.default_value) << view.key;
        EXPECT_EQ(view.active, view.default_value) << view.key;
        EXPECT_EQ(view.origin, "default");
        EXPECT_FALSE(view.description.empty());
    }
}

TEST_F(SettingsTest, AFlagStandsOverTheEnvironmentAndBothOverTheFile) {
    write(R"({"fec_percent": 30, "max_concurrent": 2, "sound": false})");
    ServeOptions options;
    options.fec_percent = 50;
    const auto settings = load({{"fec_percent", "flag"}}, options);
    EXPECT_EQ(settings.active().fec_percent, 50);
    EXPECT_EQ(settings.active().max_concurrent, 2u);
    EXPECT_FALSE(settings.active().sound);
    EXPECT_EQ(settings.origin("fec_percent"), "flag");
    EXPECT_EQ(settings.origin("max_concurrent"), "file");
    EXPECT_EQ(settings.origin("port"), "default");
}

TEST_F(SettingsTest, ChangesAreStoredAndWhatCanBeIsInForce) {
    auto settings = load();
    ASSERT_TRUE(settings.change({{"max_concurrent", 7}, {"sound", false}, {"require_pairing", false}}));
    EXPECT_EQ(settings.active().max_concurrent, 7u);
    EXPECT_TRUE(settings.active().open);
    EXPECT_TRUE(settings.active().sound) << "from the next start on";
    EXPECT_EQ(view(settings, "sound").value, false);
    EXPECT_EQ(view(settings, "sound").active, true);
    EXPECT_EQ(view(settings, "sound").origin, "file");
    EXPECT_EQ(std::filesystem::status(file_).permissions(), std::filesystem::perms(0600));

    auto again = load();
    EXPECT_FALSE(again.active().sound);
    ASSERT_TRUE(again.change({{"sound", nullptr}}));
    EXPECT_EQ(view(again, "sound").value, true);
    EXPECT_EQ(again.origin("sound"), "default");
    EXPECT_TRUE(load().active().sound);
}

TEST_F(SettingsTest, AllOrNothing) {
    auto settings = load({{"encoder", "flag"}});
    const auto refused = [&](json changes) {
        changes["max_concurrent"] = 9;
        const auto changed = settings.change(changes);
        EXPECT_EQ(settings.active().max_concurrent, 4u) << changes;
        return changed ? std::string() : changed.error().key;
    };
    EXPECT_EQ(refused({{"nonsense", 1}}), "nonsense");
    EXPECT_EQ(refused({{"fec_percent", 91}}), "fec_percent");
    EXPECT_EQ(refused({{"fec_percent", "20"}}), "fec_percent");
    EXPECT_EQ(refused({{"fec_percent", 20.5}}), "fec_percent");
    EXPECT_EQ(refused({{"port", UINT64_MAX}}), "port");
    EXPECT_EQ(refused({{"sound", 1}}), "sound");
    EXPECT_EQ(refused({{"gamepad", "steam"}}), "gamepad");
    EXPECT_EQ(refused({{"bind", "localhost"}}), "bind");
    EXPECT_EQ(refused({{"mgmt_bind", "127.0.0.1"}}), "mgmt_bind");
    EXPECT_EQ(refused({{"keyboard_layout", "no such layout!"}}), "keyboard_layout");
    EXPECT_EQ(refused({{"keyboard_layout", std::string(300, 'x')}}), "keyboard_layout");
    const auto fixed = settings.change({{"encoder", "software"}});
    ASSERT_FALSE(fixed);
    EXPECT_TRUE(fixed.error().fixed);
    EXPECT_NE(fixed.error().why.find("--encoder"), std::string::npos) << fixed.error().why;
    EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(SettingsTest, WhatCannotBeReadIsLeftOutAndKept) {
    write(R"({"fec_percent": 1000, "max_concurrent": 3, "of_tomorrow": true})");
    auto settings = load();
    EXPECT_EQ(settings.active().fec_percent, ServeOptions{}.fec_percent);
    EXPECT_EQ(settings.active().max_concurrent, 3u);
    EXPECT_EQ(settings.origin("fec_percent"), "default");
    write("{nonsense");
    auto broken = load();
    EXPECT_EQ(broken.active().max_concurrent, 4u);
    ASSERT_TRUE(broken.change({{"max_concurrent", 5}}));
    EXPECT_TRUE(std::filesystem::exists(file_.string() + ".malformed"));
    EXPECT_EQ(load().active().max_concurrent, 5u);
}

TEST(Address, NeedsBothHalves) {
    EXPECT_EQ(parse_endpoint("127.0.0.1:47990")->port(), 47990);
    EXPECT_EQ(parse_endpoint("[::1]:0")->address().to_string(), "::1");
    for (const char* text : {"", "127.0.0.1", ":1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
                             "[127.0.0.1]:1", "localhost:1", "127.0.0.1:1x"})
        EXPECT_FALSE(parse_endpoint(text)) << text;
}

}  // namespace punktfunk::app
