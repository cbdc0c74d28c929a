// Pairing, and what paired and unpaired GameStream clients get over HTTP and HTTPS, with a client written from the
// other side of the specification.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "moonlight.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using Channel = HostApi::Channel;

TEST(MoonlightLobby, AClientPairsSeesAppsAndIsForgotten) {
    MoonlightHost host;
    HostApi client = host.stranger();
    const auto before = client.server_info();
    ASSERT_TRUE(before) << before.error().message;
    EXPECT_FALSE(before->paired);
    EXPECT_NE(before->https_port, 0);
    EXPECT_NE(before->codec_support & 1, 0u) << "H.264";

    const auto paired = host.pair(client, "4071", "4071");
    ASSERT_TRUE(paired) << paired.error().message << host.host().process().err();
    const auto info = client.server_info();
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_TRUE(info->paired);
    EXPECT_EQ(info->unique_id, before->unique_id);
    EXPECT_EQ(info->current_game, 0u);

    host.write_app({{"name", "Ga<m>e & \"more\""}, {"command", "true"}});
    const auto apps = client.apps();
    ASSERT_TRUE(apps) << apps.error().message;
    ASSERT_EQ(apps->size(), 2u);
    EXPECT_EQ((*apps)[0].title, "Desktop");
    EXPECT_EQ((*apps)[1].title, "Ga<m>e & \"more\"");
    const auto art = client.box_art((*apps)[1].id);
    ASSERT_TRUE(art) << art.error().message;
    EXPECT_GT(art->size(), 100u);

    // The host's certificate and its memory survive it.
    host.host().process().signal(SIGKILL);
    ASSERT_TRUE(host.host().process().wait(5s));
    host.host().start();
    client.move_to(host.http_port());
    const auto again = client.server_info();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(again->paired);
    EXPECT_EQ(again->unique_id, before->unique_id);

    ASSERT_TRUE(client.unpair());
    EXPECT_EQ(client.ask(Channel::Https, "/serverinfo")->status, 401u);
    EXPECT_EQ(client.ask(Channel::Https, "/applist")->status, 401u);
}

TEST(MoonlightLobby, AWrongPinPairsNobody) {
    MoonlightHost host;
    HostApi client = host.stranger();
    const auto wrong = host.pair(client, "4071", "4072");
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, ErrorCode::Crypto) << wrong.error().message;
    EXPECT_FALSE(client.server_info()->paired);
    EXPECT_EQ(client.ask(Channel::Https, "/applist")->status, 401u);
    // One guess a ceremony; a new one is as good as the first.
    EXPECT_TRUE(eventually(20s, [&] { return host.pair(client, "0815", "0815").has_value(); }))
        << "or when the host lets one through again";
}

TEST(MoonlightLobby, StrangersAreRefusedInWords) {
    MoonlightHost host;
    HostApi stranger = host.stranger();
    ASSERT_TRUE(stranger.server_info());
    for (const char* path : {"/serverinfo", "/applist", "/launch", "/resume", "/cancel", "/pair"}) {
        const auto answer = stranger.ask(Channel::Https, path, {{"appid", "1"}, {"phrase", "pairchallenge"}});
        ASSERT_TRUE(answer) << path << ": " << answer.error().message;
        EXPECT_EQ(answer->status, 401u) << path;
        EXPECT_FALSE(answer->message.empty()) << path;
    }
    const auto proof = stranger.ask(Channel::Http, "/pair", {{"phrase", "pairchallenge"}});
    EXPECT_NE(proof->root.text_of("paired"), "1") << "over HTTP it proves nothing";
    EXPECT_TRUE(host.host().desktops().empty());
}

}  // namespace punktfunk::test
