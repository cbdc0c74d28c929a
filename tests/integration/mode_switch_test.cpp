// The mode changes while the stream runs: display, capture and encoder follow, the viewer sees next to nothing of it,
// and what is recorded meanwhile plays.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host_fixture.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/client/native_client.hpp"
#include "punktfunk/media/video_decoder.hpp"
#include "recording.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

std::unique_ptr<client::NativeClient> stream_from(const HostFixture& host, const wire::Mode& mode) {
    client::ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = host.port();
    options.identity = *crypto::generate_identity(crypto::IdentityKind::Client);
    options.hello.mode = mode;
    options.hello.tail.emplace();
    options.hello.tail->video_codecs = wire::kCodecH264;
    auto connected = client::NativeClient::connect(options);
    if (!connected) throw std::runtime_error(connected.error().message);
    return std::move(*connected);
}

// Decodes what comes until a picture has this size.
bool shows(client::NativeClient& client, media::VideoDecoder& decoder, uint32_t width, uint32_t height,
           std::chrono::milliseconds patience) {
    const auto deadline = SteadyClock::now() + patience;
    while (SteadyClock::now() < deadline) {
        auto frame = client.next_frame(100ms);
        if (!frame) continue;
        const bool decoded = decoder.decode(frame->data).has_value();
        if (!decoded) client.request_keyframe();
        const auto luma = decoder.luma();
        if (decoded && luma && luma->width == width && luma->height == height) return true;
    }
    return false;
}

}  // namespace

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
    const auto client = stream_from(host, {640, 360, 30});
    const auto decoder = *media::VideoDecoder::open(media::Codec::H264);
    ASSERT_TRUE(shows(*client, *decoder, 640, 360, 10s));
    for (uint32_t i = 1; i <= 50; ++i) client->request_mode({640 + 2 * i, 360, 30});
    EXPECT_TRUE(shows(*client, *decoder, 740, 360, 20s)) << host.process().err();
    EXPECT_TRUE(eventually(5s, [&] { return client->mode() == wire::Mode{740, 360, 30}; }));
    EXPECT_EQ(host.status().at("sessions")[0].at("rebuilds"), 0);
}

TEST(ModeSwitch, ModesThatCannotBeAreRefusedAndTheOldOneStreamsOn) {
    HostFixture host({"--open"});
    const auto client = stream_from(host, {640, 360, 30});
    const auto decoder = *media::VideoDecoder::open(media::Codec::H264);
    ASSERT_TRUE(shows(*client, *decoder, 640, 360, 10s));
    for (const wire::Mode mode :
         {wire::Mode{0, 0, 0}, wire::Mode{640, 360, 0}, wire::Mode{641, 360, 30}, wire::Mode{8194, 360, 30}}) {
        client->request_mode(mode);
    }
    client->request_mode({640, 360, 30});  // the one in force
    EXPECT_TRUE(shows(*client, *decoder, 640, 360, 5s));
    EXPECT_EQ(client->mode(), (wire::Mode{640, 360, 30}));
    client->request_mode({640, 360, 60});  // the same size, faster
    EXPECT_TRUE(eventually(5s, [&] { return client->mode() == wire::Mode{640, 360, 60}; }));
    EXPECT_TRUE(shows(*client, *decoder, 640, 360, 5s));
    EXPECT_EQ(host.status().at("sessions")[0].at("refresh_hz"), 60);
}

TEST(ModeSwitch, WorksOnADesktopThatStandsStill) {
    HostFixture host({"--open", "--no-demo-desktop"});
    const auto client = stream_from(host, {640, 360, 30});
    const auto decoder = *media::VideoDecoder::open(media::Codec::H264);
    ASSERT_TRUE(shows(*client, *decoder, 640, 360, 10s));
    client->request_mode({800, 600, 60});
    EXPECT_TRUE(shows(*client, *decoder, 800, 600, 10s)) << host.process().err();
}

}  // namespace punktfunk::test
