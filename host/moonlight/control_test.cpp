// The control port with real sockets and real ENet on both ends.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "control_server.hpp"
#include "enet_client.hpp"
#include "enet_link.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/net/udp_socket.hpp"

namespace punktfunk::moonlight {

using namespace std::chrono_literals;

namespace {

constexpr uint32_t kData = 0x12345678;
const auto kLoopback = boost::asio::ip::make_address("127.0.0.1");
const gs_media::StreamKey kKey{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

class ControlTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto made = ControlServer::create(io_, boost::asio::ip::make_address("::"), 0);
        if (!made) made = ControlServer::create(io_, boost::asio::ip::make_address("0.0.0.0"), 0);
        ASSERT_TRUE(made) << made.error().message;
        server_ = std::move(*made);
    }

    std::unique_ptr<ControlPeer> expect(uint32_t data = kData) {
        auto peer = server_->expect({.connect_data = data, .address = kLoopback, .key = kKey},
                                    {.connected = [this] { ++connected_; },
                                     .message = [this](const auto& message) { take(message); },
                                     .gone = [this](std::string_view why) { gone_ = why; }});
        return peer ? std::move(*peer) : nullptr;
    }
    void take(const gs_control::ClientMessage& message) {
        if (const auto* status = std::get_if<gs_control::FrameFecStatus>(&message)) frames_.push_back(status->frame);
        if (std::holds_alternative<gs_control::RequestIdr>(message)) ++idr_requests_;
    }

    // Both ends, until `done` or five seconds are over.
    bool pump(const std::vector<EnetClient*>& clients, const std::function<bool()>& done) {
        for (const auto end = SteadyClock::now() + 5s; SteadyClock::now() < end;) {
            io_.run_for(2ms);
            for (auto* client : clients) client->service();
            if (done()) return true;
        }
        return false;
    }
    // For things that are not to happen.
    void pump_for(const std::vector<EnetClient*>& clients, std::chrono::milliseconds time) {
        const auto end = SteadyClock::now() + time;
        (void)pump(clients, [&] { return SteadyClock::now() >= end; });
    }

    Bytes status(uint32_t frame) {
        return *sealer_.seal(gs_control::encode(gs_control::ClientMessage{gs_control::FrameFecStatus{.frame = frame}}));
    }

    boost::asio::io_context io_;
    std::unique_ptr<ControlServer> server_;
    gs_control::Sealer sealer_ = *gs_control::Sealer::create(kKey, gs_control::Sender::Client, gs_control::Scheme::V2);
    gs_control::Opener opener_ = *gs_control::Opener::create(kKey, gs_control::Sender::Host, gs_control::Scheme::V2);
    int connected_ = 0, idr_requests_ = 0;
    std::vector<uint32_t> frames_;
    std::string gone_;
};

}  // namespace

TEST_F(ControlTest, AClientIsKnownByItsConnectDataAndGetsEveryChannel) {
    const auto peer = expect();
    EnetClient client(server_->port(), kData);
    ASSERT_TRUE(pump({&client}, [&] { return client.connected && connected_ == 1; }));
    EXPECT_EQ(client.channels(), gs_control::kChannelCount);
    EXPECT_TRUE(peer->connected());
}

TEST_F(ControlTest, AStrangerGetsNoAnswer) {
    const auto peer = expect();
    EnetClient stranger(server_->port(), kData + 1), nobody(server_->port(), 0);
    pump_for({&stranger, &nobody}, 300ms);
    EXPECT_FALSE(stranger.connected || stranger.disconnected || nobody.connected);
    EXPECT_EQ(connected_, 0);
}

// ENet as it is packaged cannot connect over IPv6, as the client's own does: so its datagrams are carried over.
TEST_F(ControlTest, AClientComesOverIPv6) {
    auto near = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0), {.receive = false});
    auto far = net::UdpSocket::bind(*net::Endpoint::parse("::1", 0), {.receive = false});
    if (!near || !far || !far->connect(*net::Endpoint::parse("::1", server_->port()))) GTEST_SKIP() << "no IPv6 here";
    const auto six = boost::asio::ip::make_address("::1");
    auto peer = server_->expect({.connect_data = kData, .address = six, .key = kKey},
                                {.connected = [this] { ++connected_; },
                                 .message = [this](const auto& message) { take(message); },
                                 .gone = [](std::string_view) {}});
    ASSERT_TRUE(peer);
    EnetClient client(near->local_endpoint()->port(), kData);
    const auto carry = [&] {
        net::Endpoint from;
        const auto out = [&](std::span<uint8_t> datagram) {
            near->aim(from);
            (void)far->send(datagram);
        };
        while (near->receive(0ms, -1, out, &from).value_or(0) > 0) {
        }
        (void)far->receive(0ms, -1, [&](std::span<uint8_t> datagram) { (void)near->send(datagram); });
        return false;
    };
    ASSERT_TRUE(pump({&client}, [&] { return carry() || client.connected; }));
    client.send(status(3), 0);
    EXPECT_TRUE(pump({&client}, [&] { return carry() || frames_.size() == 1; }));
}

// Stock clients take datagrams only from where they sent theirs.
TEST_F(ControlTest, AHostOfManyAddressesAnswersFromTheOneThatWasAsked) {
    const auto peer = expect();
    EnetClient client(server_->port(), kData, "127.0.0.2");
    EXPECT_TRUE(pump({&client}, [&] { return client.connected && connected_ == 1; }));
}

// ENet says again what was not acknowledged, and keeps its measure of the path, only when it is called: the host's own
// clock has to do that, not what arrives.
TEST_F(ControlTest, WhatIsLostIsSaidAgainThoughNothingArrives) {
    auto near = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0), {.receive = false}).value();
    auto far = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0), {.receive = false}).value();
    ASSERT_TRUE(far.connect(*net::Endpoint::parse("127.0.0.1", server_->port())));
    const auto peer = expect();
    EnetClient client(near.local_endpoint()->port(), kData);
    bool to_host = true, to_client = true;
    size_t lost = 0;
    const auto carry = [&] {
        net::Endpoint from;
        const auto out = [&](std::span<uint8_t> datagram) {
            near.aim(from);
            if (to_host) (void)far.send(datagram);
        };
        while (near.receive(0ms, -1, out, &from).value_or(0) > 0) {
        }
        (void)far.receive(0ms, -1, [&](std::span<uint8_t> datagram) {
            if (to_client) {
                (void)near.send(datagram);
            } else {
                ++lost;
            }
        });
        return false;
    };
    ASSERT_TRUE(pump({&client}, [&] { return carry() || (client.connected && connected_ == 1); }));
    pump_for({&client}, 50ms);
    to_host = to_client = false;
    peer->send(gs_control::Rumble{.controller = 1, .low_frequency = 2, .high_frequency = 3});
    ASSERT_TRUE(pump({&client}, [&] { return carry() || lost > 0; }));
    to_client = true;
    EXPECT_TRUE(pump({&client}, [&] { return carry() || client.packets.size() == 1; }));
}

TEST_F(ControlTest, MessagesArriveWhateverTheirOrder) {
    const auto peer = expect();
    EnetClient client(server_->port(), kData);
    ASSERT_TRUE(pump({&client}, [&] { return client.connected; }));
    const auto first = status(1), second = status(2), third = status(3);
    client.send(third, 5);
    client.send(first, 2);
    client.send(second, 0);
    ASSERT_TRUE(pump({&client}, [&] { return frames_.size() == 3; }));
    EXPECT_EQ(peer->refused(), 0u);
}

TEST_F(ControlTest, WhatIsReplayedOrNotSealedIsRefused) {
    const auto peer = expect();
    EnetClient client(server_->port(), kData);
    ASSERT_TRUE(pump({&client}, [&] { return client.connected; }));
    const auto packet = status(1);
    client.send(packet, 0);
    client.send(packet, 1);
    client.send(gs_control::encode(gs_control::ClientMessage{gs_control::RequestIdr{}}), 0);  // in plain text
    client.send(Bytes(40, 0xAA), 3);
    client.send(Bytes{1}, 3);
    client.send(status(2), 0);
    ASSERT_TRUE(pump({&client}, [&] { return frames_.size() == 2; }));
    EXPECT_EQ(peer->refused(), 4u);
    EXPECT_EQ(idr_requests_, 0);
}

TEST_F(ControlTest, WhatTheHostSaysIsSealedAndComesInOrder) {
    const auto peer = expect();
    EnetClient client(server_->port(), kData);
    ASSERT_TRUE(pump({&client}, [&] { return client.connected && connected_ == 1; }));
    peer->send(gs_control::Rumble{.controller = 1, .low_frequency = 2, .high_frequency = 3});
    peer->send(gs_control::Termination{});
    ASSERT_TRUE(pump({&client}, [&] { return client.packets.size() == 2; }));
    const auto open = [&](Bytes& packet) { return *gs_control::decode_host_message(*opener_.open(packet)); };
    EXPECT_EQ(std::get<gs_control::Rumble>(open(client.packets[0])).high_frequency, 3);
    EXPECT_TRUE(std::holds_alternative<gs_control::Termination>(open(client.packets[1])));
}

// The host lets go at once; what it said last must arrive all the same, and then the end.
TEST_F(ControlTest, TheLastMessageOutlivesThePeer) {
    auto peer = expect();
    EnetClient client(server_->port(), kData);
    ASSERT_TRUE(pump({&client}, [&] { return client.connected && connected_ == 1; }));
    peer->send(gs_control::Termination{});
    peer.reset();
    EXPECT_TRUE(pump({&client}, [&] { return client.packets.size() == 1 && client.disconnected; }));
}

TEST_F(ControlTest, ALeavingClientIsNoticedAtOnce) {
    const auto peer = expect();
    EnetClient client(server_->port(), kData);
    ASSERT_TRUE(pump({&client}, [&] { return client.connected && connected_ == 1; }));
    client.leave();
    EXPECT_TRUE(pump({&client}, [&] { return !gone_.empty(); }));
}

TEST_F(ControlTest, AClientThatTriesAgainReplacesItself) {
    const auto peer = expect();
    EnetClient first(server_->port(), kData);
    ASSERT_TRUE(pump({&first}, [&] { return connected_ == 1; }));
    EnetClient second(server_->port(), kData);
    ASSERT_TRUE(pump({&first, &second}, [&] { return second.connected && connected_ == 2; }));
    second.send(status(7), 0);
    EXPECT_TRUE(pump({&second}, [&] { return frames_.size() == 1; }));
}

// Who overheard the connect data does not take the place of a client that is there.
TEST_F(ControlTest, AnotherAddressCannotReplaceAClientThatIsThere) {
    const auto peer = expect();
    EnetClient client(server_->port(), kData);
    ASSERT_TRUE(pump({&client}, [&] { return client.connected && connected_ == 1; }));
    EnetClient thief(server_->port(), kData, "127.0.0.1", "127.0.0.2");
    pump_for({&client, &thief}, 300ms);
    EXPECT_FALSE(thief.connected);
    client.send(status(7), 0);
    EXPECT_TRUE(pump({&client}, [&] { return frames_.size() == 1; }));
}

TEST_F(ControlTest, SessionsDoNotSeeEachOther) {
    const auto one = expect(), other = expect(kData + 1);
    EnetClient client(server_->port(), kData), client2(server_->port(), kData + 1);
    ASSERT_TRUE(pump({&client, &client2}, [&] { return one->connected() && other->connected(); }));
    other->send(gs_control::Termination{});
    ASSERT_TRUE(pump({&client, &client2}, [&] { return client2.packets.size() == 1; }));
    EXPECT_TRUE(client.packets.empty());
}

TEST_F(ControlTest, GarbageOnThePortHurtsNobody) {
    const auto peer = expect();
    EnetClient client(server_->port(), kData);
    ASSERT_TRUE(pump({&client}, [&] { return client.connected; }));
    auto stranger = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0));
    ASSERT_TRUE(stranger);
    ASSERT_TRUE(stranger->connect(*net::Endpoint::parse("127.0.0.1", server_->port())));
    std::minstd_rand random(7);
    for (int i = 0; i < 3000; ++i) {
        Bytes datagram(random() % 200);
        for (auto& byte : datagram) byte = static_cast<uint8_t>(random() >> 8);
        // Every other one looks like the beginning of a connection.
        if (i % 2 == 0 && datagram.size() > 5) {
            datagram[0] = 0x8F;
            datagram[1] = 0xFF;
            datagram[4] = 0x82;
        }
        (void)stranger->send(datagram);
        if (i % 50 == 0) pump_for({&client}, 1ms);
    }
    client.send(status(9), 0);
    EXPECT_TRUE(pump({&client}, [&] { return frames_.size() == 1; }));
    size_t answers = 0;
    (void)stranger->receive(1ms, -1, [&](auto) { ++answers; });
    EXPECT_EQ(answers, 0u);
}

// From the client's own port, past the admission: ENet's own parser.
TEST(EnetLinkTest, SurvivesGarbage) {
    uint64_t sent = 0;
    auto link = EnetLink::create(
        {.send = [&](ByteView) { ++sent; }, .connected = [] {}, .received = [](auto) {}, .disconnected = [] {}});
    ASSERT_TRUE(link) << link.error().message;
    std::minstd_rand random(11);
    for (int i = 0; i < 20000; ++i) {
        Bytes datagram(random() % 300);
        for (auto& byte : datagram) byte = static_cast<uint8_t>(random() >> 8);
        if (datagram.size() > 5) datagram[4] = static_cast<uint8_t>(random() % 16 | (random() % 2 != 0u ? 0x80 : 0));
        (*link)->take(datagram);
    }
    EXPECT_FALSE((*link)->connected());
}

}  // namespace punktfunk::moonlight
