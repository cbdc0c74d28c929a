// The media ports with real sockets.
#include "stream_ports.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <functional>
#include <thread>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::moonlight {

using namespace std::chrono_literals;

namespace {

gs_media::PingPayload payload(char letter) {
    gs_media::PingPayload made;
    made.fill(static_cast<uint8_t>(letter));
    return made;
}

class StreamPortsTest : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        const auto any = boost::asio::ip::make_address("::");
        auto made = StreamPorts::create(io_, any, {.video = 0, .control = 0, .audio = 0});
        if (!made || !client()) GTEST_SKIP() << "no " << GetParam() << " here";
        ports_ = std::move(*made);
    }

    // A socket of the client's.
    static std::optional<net::UdpSocket> client() {
        auto bound = net::UdpSocket::bind(*net::Endpoint::parse(GetParam(), 0));
        return bound ? std::optional(std::move(*bound)) : std::nullopt;
    }
    void ping(net::UdpSocket& from, const gs_media::Ping& ping) {
        ASSERT_TRUE(from.connect(*net::Endpoint::parse(GetParam(), ports_->video_port())));
        EXPECT_TRUE(from.send(gs_media::encode_ping(ping)));
        pump();
    }
    void pump() {
        for (int i = 0; i < 5; ++i) {
            io_.run_for(2ms);
            io_.restart();
        }
    }
    std::shared_ptr<MediaRoute> expect(char letter) {
        auto route = ports_->expect_video({payload(letter), boost::asio::ip::make_address(GetParam())});
        EXPECT_TRUE(route);
        return route ? *route : nullptr;
    }
    static size_t arrived(net::UdpSocket& socket, size_t count) {
        size_t got = 0;
        while (got < count) {
            const auto now = socket.receive(2000ms, -1, [&](auto) { ++got; });
            if (!now || *now == 0) break;
        }
        return got;
    }

    boost::asio::io_context io_;
    std::unique_ptr<StreamPorts> ports_;
};

}  // namespace

TEST_P(StreamPortsTest, ThePayloadFindsTheSessionAndTheAnswerComesFromThePort) {
    const auto a = expect('a'), b = expect('b');
    auto socket_a = client(), socket_b = client();
    ping(*socket_a, {payload('a'), 1});
    EXPECT_TRUE(a->known());
    EXPECT_FALSE(b->known());
    EXPECT_EQ(b->socket(), nullptr);
    ping(*socket_b, {payload('b'), 1});
    ASSERT_TRUE(a->socket() != nullptr && b->socket() != nullptr);
    // The clients' sockets are connected: they take only what comes from the port they pinged.
    const Bytes batch(size_t{100} * 1000);
    EXPECT_EQ(a->socket()->send_contiguous(batch, 1000), 100u);
    EXPECT_TRUE(b->socket()->send(Bytes(10)));
    EXPECT_EQ(arrived(*socket_a, 100), 100u);
    EXPECT_EQ(arrived(*socket_b, 1), 1u);
}

TEST_P(StreamPortsTest, WhatNobodyWaitsForIsDroppedWithoutAnAnswer) {
    const auto route = expect('a');
    auto stranger = client();
    ping(*stranger, {payload('x'), 1});
    ping(*stranger, {std::nullopt, 0});
    for (size_t length : {0, 1, 3, 19, 20, 1400}) {
        (void)stranger->send(Bytes(length, 0x55));
        pump();
    }
    EXPECT_FALSE(route->known());
    size_t answers = 0;
    (void)stranger->receive(20ms, -1, [&](auto) { ++answers; });
    EXPECT_EQ(answers, 0u);
}

TEST_P(StreamPortsTest, AnOlderClientIsKnownByItsAddress) {
    const auto here = ports_->expect_video({std::nullopt, boost::asio::ip::make_address(GetParam())});
    const auto elsewhere = ports_->expect_video({std::nullopt, boost::asio::ip::make_address("192.0.2.7")});
    ASSERT_TRUE(here && elsewhere);
    auto socket = client();
    ping(*socket, {std::nullopt, 0});
    EXPECT_TRUE((*here)->known());
    EXPECT_FALSE((*elsewhere)->known());
}

TEST_P(StreamPortsTest, AClientWhosePortChangesIsFollowed) {
    const auto route = expect('a');
    auto before = client(), after = client();
    ping(*before, {payload('a'), 1});
    (void)route->socket()->send(Bytes(5));
    EXPECT_EQ(arrived(*before, 1), 1u);
    ping(*after, {payload('a'), 2});
    (void)route->socket()->send(Bytes(5));
    EXPECT_EQ(arrived(*after, 1), 1u);
}

// Stock clients' firewalls and NATs take the stream only from where the ping went.
TEST_P(StreamPortsTest, AHostOfManyAddressesAnswersFromTheOneThatWasAskedAndMarksWhatItSends) {
    constexpr uint8_t kClass = 0xA0;
    const bool four = std::string_view(GetParam()) == "127.0.0.1";
    const auto route = ports_->expect_video({payload('a'), boost::asio::ip::make_address(GetParam())}, kClass).value();
    auto socket = client();
    const int on = 1;
    (void)::setsockopt(socket->fd(), IPPROTO_IP, IP_RECVTOS, &on, sizeof on);
    (void)::setsockopt(socket->fd(), IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof on);
    ASSERT_TRUE(socket->connect(*net::Endpoint::parse(four ? "127.0.0.2" : "::1", ports_->video_port())));
    ASSERT_TRUE(socket->send(gs_media::encode_ping({payload('a'), 1})));
    pump();
    ASSERT_TRUE(route->socket() != nullptr && route->socket()->send(Bytes(10)));
    pollfd ready{socket->fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, 5000), 1) << "nothing came from there";
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ASSERT_GE(::recvmsg(socket->fd(), &message, 0), 0);
    int marked = 0;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_type == (four ? IP_TOS : IPV6_TCLASS)) marked = *CMSG_DATA(header);
    }
    EXPECT_EQ(marked, kClass);
}

// Whoever overheard a payload cannot have the stream sent to himself.
TEST_P(StreamPortsTest, AnotherAddressIsNotFollowed) {
    if (std::string_view(GetParam()) != "127.0.0.1") GTEST_SKIP() << "IPv6 has one loopback address";
    const auto route = expect('a');
    auto socket = client();
    ping(*socket, {payload('a'), 1});
    auto thief = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.2", 0));
    ASSERT_TRUE(thief);
    ping(*thief, {payload('a'), 2});
    EXPECT_TRUE(route->socket()->send(Bytes(5)));
    EXPECT_EQ(arrived(*socket, 1), 1u);
    size_t stolen = 0;
    (void)thief->receive(20ms, -1, [&](auto) { ++stolen; });
    EXPECT_EQ(stolen, 0u);
}

TEST_P(StreamPortsTest, WaitingEndsWithThePingOrWhenItIsTold) {
    const auto route = expect('a');
    EXPECT_EQ(route->await_client(10ms, -1).error().code, ErrorCode::Timeout);
    std::jthread sender([route] { EXPECT_TRUE(route->await_client(5s, -1)); });
    auto socket = client();
    ping(*socket, {payload('a'), 1});
}

TEST_P(StreamPortsTest, ASessionThatIsOverIsForgotten) {
    auto route = expect('a');
    auto socket = client();
    ping(*socket, {payload('a'), 1});
    const std::weak_ptr<MediaRoute> watched = route;
    route.reset();
    EXPECT_TRUE(watched.expired());
    ping(*socket, {payload('a'), 2});
}

INSTANTIATE_TEST_SUITE_P(Families, StreamPortsTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& tested) { return std::string(tested.param) == "::1" ? "IPv6" : "IPv4"; });

TEST(StreamPortsErrors, NameThePort) {
    boost::asio::io_context io;
    const auto any = boost::asio::ip::make_address("127.0.0.1");
    auto first = StreamPorts::create(io, any, {.video = 0, .control = 0, .audio = 0});
    ASSERT_TRUE(first);
    const auto again = StreamPorts::create(io, any, {.video = 0, .control = 0, .audio = (*first)->audio_port()});
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().message.find(std::to_string((*first)->audio_port())), std::string::npos);
}

}  // namespace punktfunk::moonlight
