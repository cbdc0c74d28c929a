// Devices that are not paired: they knock, somebody at the host decides, and nobody else is bothered.
#include <gtest/gtest.h>

#include "host_fixture.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/client/native_client.hpp"
#include "raw_client.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;
using nlohmann::json;
using quic::CloseCode;

namespace {

// As a client of today sends it: with a tail. Without one, as the first generation did.
Bytes hello(const std::string& name, bool tail = true) {
    wire::Hello hello{.mode = {640, 360, 30}, .name = name};
    if (tail) hello.tail = wire::HelloTail{.video_codecs = wire::kCodecH264};
    return wire::encode(hello);
}

json pending(HostFixture& host) {
    return host.command({"pending"}).at("pending");
}

std::string fingerprint_of(const crypto::Identity& device) {
    return to_hex(device.fingerprint);
}

bool knocked(HostFixture& host, RawClient& client, size_t devices) {
    return client.until(10s, [&] { return pending(host).size() == devices; });
}

}  // namespace

TEST(Approval, ADeviceThatWaitsIsLetInOnItsConnection) {
    HostFixture host({"--max-concurrent", "1"});
    const auto device = any_identity();
    RawClient client(host.port(), device, hello("  Living\tRoom \x1b[31m"));
    ASSERT_TRUE(knocked(host, client, 1));
    const json knock = pending(host)[0];
    EXPECT_EQ(knock.at("name"), "Living Room [31m") << "nothing that could draw on a terminal";
    EXPECT_EQ(knock.at("fingerprint"), fingerprint_of(device));
    EXPECT_TRUE(knock.at("waiting"));
    EXPECT_TRUE(host.status().at("sessions").empty());

    // Whoever waits takes no place: the only session is free for a paired client.
    host.pair("other");
    const auto other =
        host.client({"connect", host.address(), "--mode", "640x360x30", "--codec", "h264", "--duration", "1"}, "other");
    EXPECT_EQ(other->wait(60s), 0) << other->err();

    const json approved = host.command({"approve", knock.at("id").dump(), "--name", "tv"});
    EXPECT_EQ(approved.at("name"), "tv");
    const auto welcome = wire::decode_welcome(client.next_message(30s));
    ASSERT_TRUE(welcome) << host.process().err();
    EXPECT_EQ(welcome->mode, (wire::Mode{640, 360, 30}));
    EXPECT_TRUE(pending(host).empty());
    EXPECT_EQ(host.status().at("paired").size(), 2u);

    // Unpairing ends what runs, at once.
    (void)host.command({"unpair", fingerprint_of(device)});
    ASSERT_TRUE(client.until_closed(5s));
    EXPECT_EQ(client.close_code(), CloseCode::Denied) << client.closed->reason;
}

TEST(Approval, ADeniedDeviceIsToldSo) {
    HostFixture host;
    RawClient client(host.port(), any_identity(), hello("phone"));
    ASSERT_TRUE(knocked(host, client, 1));
    (void)host.command({"deny", pending(host)[0].at("id").dump()});
    ASSERT_TRUE(client.until_closed(5s));
    EXPECT_EQ(client.close_code(), CloseCode::Denied);
    EXPECT_TRUE(pending(host).empty());
    EXPECT_TRUE(host.status().at("paired").empty());
    EXPECT_THROW((void)host.command({"approve", "0"}), std::runtime_error) << "it is decided";
}

TEST(Approval, TheSameDeviceWaitsOnce) {
    HostFixture host;
    const auto device = any_identity();
    RawClient first(host.port(), device, hello("tv"));
    ASSERT_TRUE(knocked(host, first, 1));
    RawClient second(host.port(), device, hello("tv"));
    ASSERT_TRUE(first.until(10s, [&] { return second.run_for(20ms), first.closed.has_value(); }));
    EXPECT_EQ(first.close_code(), CloseCode::Superseded) << first.closed->reason;
    EXPECT_EQ(pending(host).size(), 1u) << "one device, one request";
    EXPECT_FALSE(second.closed);
}

TEST(Approval, TheFirstGenerationAsksAgain) {
    HostFixture host;
    const auto device = any_identity();
    RawClient client(host.port(), device, hello("old", false));
    ASSERT_TRUE(client.until_closed(10s));
    EXPECT_EQ(client.close_code(), CloseCode::Denied);
    const json knock = pending(host)[0];
    EXPECT_FALSE(knock.at("waiting"));
    (void)host.command({"approve", knock.at("id").dump()});
    RawClient again(host.port(), device, hello("old", false));
    const Bytes welcome = again.next_message(30s);
    EXPECT_EQ(welcome.size(), 60u) << "to a client without a tail, none";

    RawClient anonymous(host.port(), std::nullopt, hello("nobody"));
    ASSERT_TRUE(anonymous.until_closed(10s));
    EXPECT_EQ(anonymous.close_code(), CloseCode::IdentityRequired);
    EXPECT_TRUE(pending(host).empty()) << "who shows no certificate cannot be approved";
}

TEST(Approval, PairingWithThePinLetsInWhoWaits) {
    HostFixture host;
    const auto waiting = host.client({"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec", "h264",
                                      "--duration", "1", "--name", "desk"});
    ASSERT_TRUE(eventually(20s, [&] { return pending(host).size() == 1; })) << waiting->err();
    EXPECT_TRUE(eventually(10s, [&] { return waiting->err().find("punktfunk-host approve") != std::string::npos; }))
        << waiting->err();
    host.pair();
    EXPECT_EQ(waiting->wait(60s), 0) << waiting->err();
    EXPECT_TRUE(pending(host).empty());
}

TEST(Approval, ACrowdAtTheDoorIsBoundedAndBlocksNobody) {
    HostFixture host;
    std::vector<std::unique_ptr<RawClient>> crowd;
    for (int i = 0; i < 12; ++i) {
        crowd.push_back(std::make_unique<RawClient>(host.port(), any_identity(), hello("crowd")));
        ASSERT_TRUE(knocked(host, *crowd.back(), crowd.size()));
    }
    size_t waiting = 0;
    for (const json& knock : pending(host)) waiting += knock.at("waiting").get<bool>() ? 1 : 0;
    EXPECT_EQ(waiting, 4u) << "of one address";
    ASSERT_TRUE(crowd.front()->until_closed(5s));
    EXPECT_EQ(crowd.front()->close_code(), CloseCode::Busy);
    host.pair("guest");
    const auto guest =
        host.client({"connect", host.address(), "--mode", "640x360x30", "--codec", "h264", "--duration", "1"}, "guest");
    EXPECT_EQ(guest->wait(60s), 0) << guest->err();
}

TEST(Approval, AVanishedDeviceWaitsNoLongerButMayStillBeApproved) {
    HostFixture host;
    const auto client = host.client(
        {"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec", "h264", "--duration", "1"});
    ASSERT_TRUE(eventually(20s, [&] { return pending(host).size() == 1; })) << client->err();
    client->signal(SIGINT);
    EXPECT_EQ(client->wait(10s), 1) << "interrupted before it streamed";
    ASSERT_TRUE(eventually(5s, [&] { return !pending(host).at(0).at("waiting").get<bool>(); }));
    (void)host.command({"approve", pending(host).at(0).at("id").dump()});
    const auto again = host.client(
        {"connect", host.address(), "--tofu", "--mode", "640x360x30", "--codec", "h264", "--duration", "1"});
    EXPECT_EQ(again->wait(60s), 0) << again->err();
}

}  // namespace punktfunk::test
