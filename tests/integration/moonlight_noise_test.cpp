// Pictures that nothing compresses, on the largest display: no frame leaves the host that parity does not cover.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desktop.hpp"
#include "moonlight.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

TEST(MoonlightNoise, In4KNoFrameIsSentWithoutParity) {
    const Outbox outbox;
    std::filesystem::copy_file(PUNKTFUNK_MOTION, outbox.file("paint"));  // where the session's user can look
    MoonlightHost host({"--no-demo-desktop"});
    HostApi client = host.paired();
    host.write_app({{"name", "Noise"}, {"command", outbox.file("paint").string() + " --pattern noise"}});
    // Five times what the packets of a picture carry.
    const auto stream = host.stream(
        client, {.wish = {.width = 3840, .height = 2160, .fps = 10, .bitrate_kbps = 600'000, .packet_size = 1392},
                 .app = app_named(client, "Noise")});
    EXPECT_TRUE(stream->wait(15s, [](const StreamReport& report) { return report.full_frames >= 4; }))
        << describe(stream->report()) << host.host().process().err();
    const auto report = stream->report();
    fmt::print("{}", describe(report));
    EXPECT_EQ(report.unprotected_frames, 0u);
    EXPECT_LE(report.most_shards, 255u);
    EXPECT_EQ(report.width, 3840u);
    EXPECT_EQ(report.height, 2160u);
    EXPECT_EQ(report.decode_errors, 0u);
    EXPECT_THAT(report.faults, testing::IsEmpty());
}

}  // namespace punktfunk::test
