// What apps.json says about an app is what happens, and an app's life: from the launch over a disconnect to its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "desktop.hpp"
#include "moonlight.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using moonlight_client::EndCode;

namespace {

bool shows_a_picture(const Stream& stream) {
    return stream.wait(30s, [](const StreamReport& report) { return report.decoded > 0; });
}

std::string text(const std::filesystem::path& file) {
    std::string read = content(file);
    while (read.ends_with('\n')) read.pop_back();
    return read;
}

}  // namespace

TEST(MoonlightApps, RunAsTheyAreWrittenDownAndAreTidiedUpAfter) {
    const Outbox outbox;
    MoonlightHost host;
    HostApi client = host.paired();
    const std::string home = outbox.directory.path().string();
    host.write_app({{"name", "Quiet"},
                    {"command", "echo \"$COLOUR $(pwd) $WAYLAND_DISPLAY\" > said; exec sleep 600"},
                    {"directory", home},
                    {"environment", {{"COLOUR", "green & blue"}}},
                    {"undo", "echo \"$COLOUR\" > undone"}});
    auto stream = host.stream(client, {.app = app_named(client, "Quiet")});
    ASSERT_TRUE(shows_a_picture(*stream)) << describe(stream->report()) << host.host().process().err();
    ASSERT_TRUE(eventually(20s, [&] { return !text(outbox.file("said")).empty(); }));
    EXPECT_EQ(text(outbox.file("said")), "green & blue " + home + " wayland-1");
    EXPECT_TRUE(host.host().programs("foot").empty()) << "nothing but the app is on its display";
    EXPECT_EQ(host.host().status().at("sessions").at(0).at("protocol"), "GameStream");

    // Away and back: the same app, on the same desktop.
    const auto desktops = host.host().desktops();
    const auto sleeping = host.host().programs("sleep");
    ASSERT_EQ(sleeping.size(), 1u);
    stream->close();
    ASSERT_TRUE(eventually(20s, [&] { return host.host().status().at("sessions").empty(); }));
    EXPECT_EQ(client.server_info()->current_game, app_named(client, "Quiet"));
    EXPECT_FALSE(std::filesystem::exists(outbox.file("undone")));
    StreamOptions back{.app = app_named(client, "Quiet"), .resume = true, .rtsp_sequence = 8};
    back.wish.width = 800;
    back.wish.height = 600;
    stream = host.stream(client, back);
    ASSERT_TRUE(stream->wait(30s, [](const StreamReport& report) { return report.width == 800; }))
        << describe(stream->report()) << host.host().process().err();
    EXPECT_EQ(host.host().desktops(), desktops);
    EXPECT_EQ(host.host().programs("sleep"), sleeping);

    ASSERT_TRUE(client.cancel());
    EXPECT_EQ(client.server_info()->current_game, 0u);
    EXPECT_TRUE(eventually(30s, [&] { return host.host().desktops().empty(); }));
    EXPECT_EQ(text(outbox.file("undone")), "green & blue");
    EXPECT_TRUE(host.host().programs("sleep").empty());
    (void)stream->wait(20s, [](const StreamReport& report) { return report.ended.has_value(); });
    EXPECT_EQ(stream->report().ended, EndCode::Graceful) << describe(stream->report());
}

TEST(MoonlightApps, OneThatCannotRunLeavesNothingBehind) {
    MoonlightHost host;
    HostApi client = host.paired();
    host.write_app({{"name", "Lost"}, {"command", "true"}, {"directory", "/no/such/place"}});
    auto stream = host.stream(client, {.app = app_named(client, "Lost")});
    EXPECT_TRUE(stream->wait(30s, [](const StreamReport& report) { return report.ended.has_value(); }));
    EXPECT_TRUE(eventually(10s, [&] { return client.server_info()->current_game == 0; }));
    EXPECT_THAT(host.host().process().err(), testing::HasSubstr("/no/such/place"));
    EXPECT_TRUE(eventually(20s, [&] { return host.host().desktops().empty(); }));
}

TEST(MoonlightApps, ALaunchThatNobodyComesForIsTakenBack) {
    MoonlightHost host;
    HostApi client = host.paired();
    ASSERT_TRUE(client.launch({.app = app_named(client, "Desktop"), .key = {1, 2, 3}}));
    EXPECT_NE(client.server_info()->current_game, 0u);
    EXPECT_TRUE(eventually(30s, [&] { return client.server_info()->current_game == 0; }));
    EXPECT_TRUE(eventually(20s, [&] { return host.host().desktops().empty(); }));
}

}  // namespace punktfunk::test
