// GameStream sessions on the real host: pictures, encryption, loss, and how sessions begin, change hands and end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "desktop.hpp"
#include "moonlight.hpp"
#include "picture.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using moonlight_client::Codec;
using moonlight_client::EndCode;

namespace {

bool shows_pictures(const Stream& stream, uint64_t count, std::chrono::milliseconds patience = 20s) {
    return stream.wait(patience, [&](const StreamReport& report) { return report.decoded >= count; });
}

// What the client has told us it trips over; loss and its repair are none.
void expect_no_fault(const Stream& stream) {
    const auto report = stream.report();
    EXPECT_THAT(report.faults, testing::IsEmpty()) << describe(report);
    EXPECT_EQ(report.decode_errors, 0u) << describe(report);
}

// An app that paints a known picture and writes it down.
struct Painter {
    Outbox outbox;
    Painter() {
        std::filesystem::copy_file(PUNKTFUNK_MOTION, outbox.file("paint"));  // the build may lie where the session's
                                                                             // user cannot look
    }
    [[nodiscard]] std::filesystem::path dump() const { return outbox.file("painted.ppm"); }
    [[nodiscard]] nlohmann::json app() const {
        return {{"name", "Paint"},
                {"command", outbox.file("paint").string() + " --pattern bars --dump " + dump().string()}};
    }
};

std::optional<EndCode> end_of(const Stream& stream, std::chrono::milliseconds patience) {
    (void)stream.wait(patience, [](const StreamReport& report) { return report.ended.has_value(); });
    return stream.report().ended;
}

}  // namespace

TEST(MoonlightStream, DecodedPixelsArePaintedPixelsHoweverTheyAreSent) {
    const Painter painter;
    MoonlightHost host({"--no-demo-desktop"});
    HostApi client = host.paired();
    host.write_app(painter.app());
    struct Way {
        const char* name;
        StreamOptions options;
    };
    uint32_t rtsp_sequence = 1;
    for (const Way& way :
         {Way{"H.264, no encryption but the control stream's",
              {.wish = {.width = 1280, .height = 720, .fps = 60, .bitrate_kbps = 20'000}}},
          Way{"HEVC, all of it encrypted",
              {.wish = {.width = 854,
                        .height = 480,
                        .codec = Codec::Hevc,
                        .encrypt_video = true,
                        .encrypt_audio = true,
                        .packet_size = 1392}}},
          Way{"AV1, video encrypted", {.wish = {.codec = Codec::Av1, .encrypt_video = true}}},
          Way{"H.264, video encrypted", {.wish = {.encrypt_video = true}}},
          Way{"H.264, plain RTSP, sound encrypted", {.wish = {.encrypt_audio = true}, .core_version = 0}}}) {
        SCOPED_TRACE(way.name);
        std::filesystem::remove(painter.dump());
        StreamOptions options = way.options;
        options.app = app_named(client, "Paint");
        options.rtsp_sequence = rtsp_sequence;
        rtsp_sequence += 7;
        const auto stream = host.stream(client, options);
        constexpr double kFloor = 30.5;  // above what the usual mistakes reach: stream_test.cpp
        double quality = 0;
        const bool good = shows_pictures(*stream, 1) && eventually(15s, [&] {
                              if (!std::filesystem::exists(painter.dump())) return false;
                              const auto seen = stream->picture();
                              const Picture painted = read_ppm(painter.dump());
                              if (!seen || seen->width != painted.width || seen->height != painted.height) return false;
                              quality = psnr(painted, {seen->width, seen->height, seen->pixels});
                              return quality > kFloor;
                          });
        const auto report = stream->report();
        EXPECT_TRUE(good) << quality << " dB; " << describe(report) << host.host().process().err();
        EXPECT_EQ(report.width, options.wish.width);
        EXPECT_EQ(report.height, options.wish.height);
        EXPECT_TRUE(stream->wait(10s, [](const StreamReport& r) { return r.audio_packets > 20; }))
            << describe(stream->report());
        EXPECT_EQ(stream->report().audio_undecodable, 0u);
        expect_no_fault(*stream);
        fmt::print("{}: {:.1f} dB, first picture after {} ms\n", way.name, quality,
                   report.first_picture.value_or(0ms).count());
        stream->close();
        ASSERT_TRUE(client.cancel()) << "the next one is another mode";
    }
}

TEST(MoonlightStream, SurvivesLoss) {
    MoonlightHost host;
    HostApi client = host.paired();
    struct Way {
        double loss;
        Codec codec;
        bool encrypt_video, encrypt_audio;
    };
    for (const auto& [loss, codec, encrypt_video, encrypt_audio] :
         {Way{0, Codec::H264, false, false}, Way{0.02, Codec::Hevc, true, true}, Way{0.05, Codec::H264, true, false},
          Way{0.05, Codec::H264, false, true}}) {
        SCOPED_TRACE(fmt::format("{} % lost, codec {}, encrypted: {} {}", loss * 100, static_cast<int>(codec),
                                 encrypt_video, encrypt_audio));
        const auto stream = host.stream(client, {.wish = {.width = codec == Codec::Hevc ? 640u : 1280u,
                                                          .height = codec == Codec::Hevc ? 360u : 720u,
                                                          .fps = 60,
                                                          .bitrate_kbps = 8000,
                                                          .codec = codec,
                                                          .encrypt_video = encrypt_video,
                                                          .encrypt_audio = encrypt_audio},
                                                 .resume = loss > 0,
                                                 .rtsp_sequence = 1,
                                                 .video_loss = loss,
                                                 .audio_loss = loss,
                                                 .seed = 7});
        EXPECT_TRUE(stream->wait(30s,
                                 [codec = codec](const StreamReport& report) {
                                     return report.video_datagrams > (codec == Codec::Hevc ? 500 : 1500) &&
                                            report.decoded > 100 && report.audio_packets > 400;
                                 }))
            << describe(stream->report()) << host.host().process().err();
        stream->close();
        const auto report = stream->report();
        fmt::print("{} % lost: {}", loss * 100, describe(report));
        expect_no_fault(*stream);
        EXPECT_EQ(report.audio_undecodable, 0u);
        if (loss == 0) {
            EXPECT_EQ(report.idr_requests + report.invalidations, 0u) << describe(report);
        } else {
            EXPECT_GT(report.recovered_packets, 0u) << describe(report);
            EXPECT_GT(report.audio_recovered, 0u) << describe(report);
            EXPECT_LT(report.discarded, report.decoded) << describe(report);
        }
    }
}

TEST(MoonlightStream, TheAppOutlivesItsClientAndANewSessionTakesTheOldOnesPlace) {
    MoonlightHost host;
    HostApi client = host.paired();
    const Outbox outbox;
    host.write_app({{"name", "Game"},
                    {"command", "sh -c 'echo $$ >> started; exec sleep 1000'"},
                    {"directory", outbox.directory.path().string()}});
    const uint32_t app = app_named(client, "Game");
    const auto crashed = host.stream(client, {.app = app});
    ASSERT_TRUE(shows_pictures(*crashed, 5)) << describe(crashed->report()) << host.host().process().err();
    EXPECT_EQ(client.server_info()->current_game, app);
    crashed->crash();

    // The host has not noticed; the client comes again at once.
    auto first = host.stream(client, {.app = app, .resume = true, .rtsp_sequence = 8});
    EXPECT_TRUE(shows_pictures(*first, 5, 5s)) << describe(first->report()) << host.host().process().err();
    expect_no_fault(*first);
    // And once more while its own session still lives.
    auto second = host.stream(client, {.app = app, .resume = true, .rtsp_sequence = 15});
    EXPECT_TRUE(shows_pictures(*second, 5, 5s)) << describe(second->report()) << host.host().process().err();
    EXPECT_TRUE(end_of(*first, 5s)) << "the old session goes on: " << describe(first->report());
    EXPECT_EQ(host.host().desktops().size(), 1u);

    second->close();
    EXPECT_EQ(client.server_info()->current_game, app) << "closed, not quit";
    const auto third = host.stream(client, {.app = app, .resume = true, .rtsp_sequence = 22});
    EXPECT_TRUE(shows_pictures(*third, 5, 5s)) << describe(third->report()) << host.host().process().err();
    const std::string started = content(outbox.file("started"));
    EXPECT_EQ(std::ranges::count(started, '\n'), 1) << "the app was started once: " << started;

    EXPECT_TRUE(client.cancel());
    EXPECT_TRUE(end_of(*third, 5s)) << describe(third->report());
    EXPECT_TRUE(eventually(10s, [&] { return host.host().desktops().empty(); }));
}

TEST(MoonlightStream, AnAppThatEndsEndsItsSessionGracefully) {
    MoonlightHost host;
    HostApi client = host.paired();
    const Outbox outbox;
    host.write_app({{"name", "Short"},
                    {"command", "sh -c 'while ! test -e enough; do sleep 0.1; done'"},
                    {"undo", "touch undone"},
                    {"directory", outbox.directory.path().string()}});
    const auto stream = host.stream(client, {.app = app_named(client, "Short")});
    ASSERT_TRUE(shows_pictures(*stream, 5)) << describe(stream->report()) << host.host().process().err();
    std::ofstream(outbox.file("enough")).put('\n');
    EXPECT_EQ(end_of(*stream, 10s), EndCode::Graceful) << describe(stream->report()) << host.host().process().err();
    EXPECT_TRUE(eventually(10s, [&] { return std::filesystem::exists(outbox.file("undone")); }));
    EXPECT_EQ(client.server_info()->current_game, 0u);
    EXPECT_TRUE(eventually(10s, [&] { return host.host().desktops().empty(); }));
}

TEST(MoonlightStream, UnpairEndsTheSession) {
    MoonlightHost host;
    HostApi client = host.paired();
    const auto stream = host.stream(client);
    ASSERT_TRUE(shows_pictures(*stream, 5)) << describe(stream->report()) << host.host().process().err();
    (void)host.host().command({"unpair", to_hex(client.identity().fingerprint)});
    EXPECT_TRUE(end_of(*stream, 5s)) << describe(stream->report());
    EXPECT_EQ(client.ask(HostApi::Channel::Https, "/serverinfo")->status, 401u);
    EXPECT_TRUE(eventually(10s, [&] { return host.host().desktops().empty(); }));
}

TEST(MoonlightStream, TwoOfEachProtocolHaveADesktopEach) {
    MoonlightHost host({"--open"});
    HostApi one = host.paired(), two = host.paired();
    const auto native = [&](const char* name, const char* mode) {
        return host.host().client(
            {"connect", host.host().address(), "--tofu", "--mode", mode, "--codec", "h264", "--duration", "60"}, name);
    };
    const auto first_native = native("three", "320x240x30"), second_native = native("four", "400x300x30");
    const auto first = host.stream(one, {.wish = {.width = 640, .height = 360}});
    const auto second = host.stream(two, {.wish = {.width = 800, .height = 600}});
    EXPECT_TRUE(shows_pictures(*first, 20)) << describe(first->report()) << host.host().process().err();
    EXPECT_TRUE(shows_pictures(*second, 20)) << describe(second->report()) << host.host().process().err();
    EXPECT_TRUE(eventually(20s, [&] { return host.host().desktops().size() == 4; })) << host.host().process().err();
    EXPECT_EQ(first->report().width, 640u);
    EXPECT_EQ(second->report().width, 800u);
    // One of them dies: it blocks nobody.
    first_native->signal(SIGKILL);
    second->crash();
    const auto seen = first->report().decoded;
    EXPECT_TRUE(shows_pictures(*first, seen + 30)) << describe(first->report());
    EXPECT_EQ(second_native->wait(0ms), std::nullopt) << second_native->err();
    expect_no_fault(*first);
}

TEST(MoonlightStream, AHostThatIsToldToEndTellsItsClients) {
    MoonlightHost host;
    HostApi client = host.paired();
    const auto stream = host.stream(client);
    ASSERT_TRUE(shows_pictures(*stream, 5)) << describe(stream->report()) << host.host().process().err();
    host.host().process().signal(SIGTERM);
    EXPECT_TRUE(end_of(*stream, 5s)) << "nobody told the client";
    EXPECT_TRUE(eventually(5s, [&] { return host.host().desktops().empty(); }));
}

TEST(MoonlightStream, AKilledHostLeavesNeitherADesktopNorTheApp) {
    MoonlightHost host;
    HostApi client = host.paired();
    host.write_app({{"name", "Game"}, {"command", "exec sleep 1000"}});
    const auto stream = host.stream(client, {.app = app_named(client, "Game")});
    ASSERT_TRUE(shows_pictures(*stream, 5)) << describe(stream->report()) << host.host().process().err();
    ASSERT_EQ(host.host().programs("sleep").size(), 1u);
    host.host().process().signal(SIGKILL);
    EXPECT_TRUE(
        eventually(10s, [&] { return host.host().desktops().empty() && host.host().programs("sleep").empty(); }));
}

}  // namespace punktfunk::test
