// The mode changes while the stream runs: display, capture and encoder follow, the viewer sees next to nothing of it,
// and what is recorded meanwhile plays.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host_fixture.hpp"
#include "recording.hpp"
#include "viewer.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using nlohmann::json;

class ModeSwitch : public testing::TestWithParam<const char*> {};

TEST_P(ModeSwitch, IsCarriedOutAndTheRecordingPlays) {
    HostFixture host({"--open"});
    const auto file = host.directory() / "switches.mp4";
    const auto client = host.client({"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec", GetParam(),
                                     "--mode-switches", "4:1280x720@60,640x360@30", "--record", file, "--json"});
    ASSERT_EQ(client->wait(60s), 0) << client->err() << host.process().err();
    const json report = json::parse(client->out());
    EXPECT_EQ(report.at("mode_switches").at("carried_out"), 4) << report.dump(2);
    EXPECT_EQ(report.at("frames_failed"), 0) << report.dump(2);
    const Recording recording = read_recording(file);
    EXPECT_EQ(recording.errors, 0u);
    EXPECT_EQ(recording.sizes.size(), recording.packets);
    EXPECT_EQ(recording.packets, report.at("frames_decoded").get<size_t>());
    const Recording::Size small{640, 360}, large{1280, 720};
    EXPECT_EQ(recording.changes(), (std::vector{small, large, small, large, small}));
    fmt::print("{}: {} us without a new picture (worst of 4: {})\n", GetParam(),
               report["mode_switches"]["gap_us"]["p50"].get<int>(),
               report["mode_switches"]["gap_us"]["worst"].get<int>());
}

INSTANTIATE_TEST_SUITE_P(Stream, ModeSwitch, testing::Values("h264", "hevc"));

TEST(ModeSwitch, OfABurstTheNewestWins) {
    HostFixture host({"--open"});
    Viewer viewer({.port = host.port(), .mode = {640, 360, 30}});
    ASSERT_TRUE(viewer.shows(640, 360, 10s));
    for (uint32_t i = 1; i <= 50; ++i) viewer.connection().request_mode({640 + 2 * i, 360, 30});
    EXPECT_TRUE(viewer.shows(740, 360, 20s)) << host.process().err();
    EXPECT_TRUE(eventually(5s, [&] { return viewer.connection().mode() == wire::Mode{740, 360, 30}; }));
    EXPECT_EQ(host.status().at("sessions")[0].at("rebuilds"), 0);
}

TEST(ModeSwitch, ModesThatCannotBeAreRefusedAndTheOldOneStreamsOn) {
    HostFixture host({"--open"});
    Viewer viewer({.port = host.port(), .mode = {640, 360, 30}});
    ASSERT_TRUE(viewer.shows(640, 360, 10s));
    for (const wire::Mode mode :
         {wire::Mode{0, 0, 0}, wire::Mode{640, 360, 0}, wire::Mode{641, 360, 30}, wire::Mode{8194, 360, 30}}) {
        viewer.connection().request_mode(mode);
    }
    viewer.connection().request_mode({640, 360, 30});  // the one in force
    EXPECT_TRUE(viewer.shows(640, 360, 5s));
    EXPECT_EQ(viewer.connection().mode(), (wire::Mode{640, 360, 30}));
    viewer.connection().request_mode({640, 360, 60});  // the same size, faster
    EXPECT_TRUE(eventually(5s, [&] { return viewer.connection().mode() == wire::Mode{640, 360, 60}; }));
    EXPECT_TRUE(viewer.shows(640, 360, 5s));
    EXPECT_EQ(host.status().at("sessions")[0].at("refresh_hz"), 60);
}

TEST(ModeSwitch, WorksOnADesktopThatStandsStill) {
    HostFixture host({"--open", "--no-demo-desktop"});
    Viewer viewer({.port = host.port(), .mode = {640, 360, 30}});
    ASSERT_TRUE(viewer.shows(640, 360, 10s));
    viewer.connection().request_mode({800, 600, 60});
    EXPECT_TRUE(viewer.shows(800, 600, 10s)) << host.process().err();
}

}  // namespace punktfunk::test
