#include "punktfunk/impair/relay.hpp"

#include <gtest/gtest.h>

#include <map>

namespace punktfunk::impair {

using namespace std::chrono_literals;

namespace {

net::Endpoint loopback(bool v6 = false) {
    return net::Endpoint::parse(v6 ? "::1" : "127.0.0.1", 0).value();
}
net::UdpSocket bound(bool v6 = false) {
    return net::UdpSocket::bind(loopback(v6)).value();
}

// Patient, and as quick as the datagrams come: the next one, or nothing after ten seconds.
std::optional<Bytes> next_datagram(net::UdpSocket& socket, net::Endpoint* from = nullptr) {
    std::optional<Bytes> got;
    net::Endpoint source;
    const auto received =
        socket.receive(10s, -1, [&](std::span<uint8_t> d) { got.emplace(d.begin(), d.end()); }, &source);
    if (from != nullptr) *from = source;
    return received ? got : std::nullopt;
}

Bytes noise(Random& random, size_t size) {
    Bytes bytes(size);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random.next());
    return bytes;
}

struct Ends {
    net::UdpSocket host, client;
    Relay relay;
};
Ends connected(RelaySettings settings, bool v6 = false, bool host_v6 = false) {
    auto host = bound(host_v6), client = bound(v6);
    settings.routes = {{loopback(v6), host.local_endpoint().value()}};
    auto relay = Relay::start(settings).value();
    EXPECT_TRUE(client.connect(relay.listening()[0]));
    return {std::move(host), std::move(client), std::move(relay)};
}

}  // namespace

TEST(Relay, PassesBytesIntactInBothDirections) {
    for (const auto& [v6, host_v6] : {std::pair{false, false}, {true, true}, {true, false}, {false, true}}) {
        Ends ends = connected({.to_client = {.delay = 1ms}, .to_host = {}}, v6, host_v6);
        Random random(1);
        for (const size_t size : {size_t{1}, size_t{0}, size_t{48}, size_t{1472}, net::UdpSocket::kMaxDatagram}) {
            const Bytes question = noise(random, size), answer = noise(random, size);
            ASSERT_TRUE(ends.client.send(question));
            net::Endpoint flow;
            EXPECT_EQ(next_datagram(ends.host, &flow), question);
            ASSERT_TRUE(ends.host.connect(flow));
            ASSERT_TRUE(ends.host.send(answer));
            EXPECT_EQ(next_datagram(ends.client), answer);
        }
    }
}

TEST(Relay, EachClientHasAFlowOfItsOwn) {
    Ends ends = connected({});
    auto other = bound();
    ASSERT_TRUE(other.connect(ends.relay.listening()[0]));
    const Bytes one{1}, two{2};
    net::Endpoint first, second;
    ASSERT_TRUE(ends.client.send(one));
    EXPECT_EQ(next_datagram(ends.host, &first), one);
    ASSERT_TRUE(other.send(two));
    EXPECT_EQ(next_datagram(ends.host, &second), two);
    EXPECT_NE(first.port(), second.port());
    ASSERT_TRUE(ends.host.connect(second));
    ASSERT_TRUE(ends.host.send(two));
    EXPECT_EQ(next_datagram(other), two);
    ASSERT_TRUE(ends.host.connect(first));
    ASSERT_TRUE(ends.host.send(one));
    EXPECT_EQ(next_datagram(ends.client), one);
}

TEST(Relay, ANewFlowReplacesTheOneThatWasSilentLongest) {
    Ends ends = connected({.max_flows = 2});
    std::vector<net::UdpSocket> clients;
    std::vector<uint16_t> ports;
    const auto ask = [&](uint8_t client) {
        net::Endpoint flow;
        EXPECT_TRUE(clients[client].send(Bytes{client}));
        EXPECT_EQ(next_datagram(ends.host, &flow), Bytes{client});
        return flow.port();
    };
    for (uint8_t i = 0; i < 3; ++i) {
        clients.push_back(bound());
        ASSERT_TRUE(clients[i].connect(ends.relay.listening()[0]));
        ports.push_back(ask(i));
    }
    EXPECT_EQ(ends.relay.stats().flows, 2u);
    EXPECT_EQ(ask(1), ports[1]) << "a flow in use stays";
    EXPECT_EQ(ask(2), ports[2]);
    (void)ask(0);  // back again, in place of 1
    EXPECT_EQ(ask(2), ports[2]);
    EXPECT_EQ(ends.relay.stats().flows, 2u);
}

TEST(Relay, LosesWhatItsLinkLoses) {
    const LinkSettings bad{.loss = 0.2, .burst = 3};
    constexpr uint64_t kSeed = 17;
    constexpr uint32_t kCount = 500;
    Ends ends = connected({.to_client = bad, .seed = kSeed});
    ASSERT_TRUE(ends.client.send(Bytes{0}));
    net::Endpoint flow;
    ASSERT_TRUE(next_datagram(ends.host, &flow));
    ASSERT_TRUE(ends.host.connect(flow));
    Link expected(bad, kSeed);
    for (uint32_t i = 0; i < kCount; ++i) {
        Bytes datagram(4);
        store_le<uint32_t>(datagram.data(), i);
        ASSERT_TRUE(ends.host.send(datagram));
        // What arrives is compared one by one, so that the kernel's buffers never fill.
        if (expected.push(4, TimePoint{}).empty()) continue;
        ASSERT_EQ(next_datagram(ends.client), datagram) << i;
        ASSERT_EQ(ends.relay.stats().to_client.link.lost, expected.stats().lost) << i;
    }
    EXPECT_GT(expected.stats().lost, 50u);
}

TEST(Relay, DoublesAndHoldsBack) {
    Ends ends = connected({.to_host = {.reorder = 0.5, .reorder_delay = 20ms, .duplicate = 1}, .seed = 3});
    std::map<uint8_t, int> copies;
    for (uint8_t i = 0; i < 50; ++i) ASSERT_TRUE(ends.client.send(Bytes{i}));
    for (int i = 0; i < 100; ++i) {
        const auto datagram = next_datagram(ends.host);
        ASSERT_TRUE(datagram);
        ++copies[datagram->at(0)];
    }
    EXPECT_EQ(copies.size(), 50u);
    for (const auto& [byte, count] : copies) EXPECT_EQ(count, 2) << int{byte};
    EXPECT_GT(ends.relay.stats().to_host.link.held_back, 20u);
}

TEST(Relay, AHostThatIsNotThereIsNotAnError) {
    net::Endpoint nobody;
    {
        nobody = bound().local_endpoint().value();
    }
    auto relay = Relay::start({.routes = {{loopback(), nobody}}}).value();
    auto client = bound();
    ASSERT_TRUE(client.connect(relay.listening()[0]));
    for (int i = 0; i < 20; ++i) (void)client.send(Bytes(1000));
    auto late = net::UdpSocket::bind(nobody).value();
    // The host's answers of "nobody listens" must not have broken the flow.
    std::optional<Bytes> got;
    for (int i = 0; i < 100 && !got; ++i) {
        (void)client.send(Bytes{42});
        (void)late.receive(100ms, -1, [&](std::span<uint8_t> d) {
            if (d.size() == 1) got.emplace(d.begin(), d.end());
        });
    }
    EXPECT_EQ(got, Bytes{42});
}

TEST(Relay, WhatCannotBeIsRefused) {
    const auto taken = bound();
    const auto at = taken.local_endpoint().value();
    EXPECT_EQ(Relay::start({}).error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(Relay::start({.routes = {{loopback(), at}}, .to_host = {.loss = 7}}).error().code,
              ErrorCode::InvalidArgument);
    EXPECT_EQ(Relay::start({.routes = {{at, at}}}).error().code, ErrorCode::InvalidArgument) << "to itself";
    EXPECT_EQ(Relay::start({.routes = {{at, loopback()}}}).error().code, ErrorCode::Io) << "the port is taken";
}

}  // namespace punktfunk::impair
