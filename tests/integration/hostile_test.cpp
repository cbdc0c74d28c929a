// What a peer with bad intentions, or a bug, can send: each gets its answer, and the others stream on.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <random>

#include "host_fixture.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/client/native_client.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/quic/quic.hpp"
#include "punktfunk/wire/datagram.hpp"
#include "punktfunk/wire/input.hpp"
#include "raw_client.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

client::ConnectOptions open_options(const HostFixture& host) {
    client::ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = host.port();
    options.identity = *crypto::generate_identity(crypto::IdentityKind::Client);
    options.hello.mode = {640, 360, 30};
    options.hello.tail.emplace();
    options.hello.tail->video_codecs = wire::kCodecH264;
    return options;
}

void expect_streams(const HostFixture& host) {
    const auto connected = client::NativeClient::connect(open_options(host));
    ASSERT_TRUE(connected) << connected.error().message;
    EXPECT_TRUE((*connected)->next_frame(10s));
}

// Sends raw control messages and answers how the host closed.
std::optional<quic::CloseInfo> raw_exchange(const HostFixture& host, const std::vector<Bytes>& messages,
                                            std::chrono::seconds patience) {
    boost::asio::io_context io;
    std::optional<quic::CloseInfo> closed;
    std::shared_ptr<quic::Connection> connection;
    quic::Connection::Handlers handlers;
    handlers.established = [&] {
        for (const auto& message : messages) connection->send_message(message);
    };
    handlers.closed = [&](const quic::CloseInfo& info) { closed = info; };
    auto made = quic::connect(io,
                              {.remote = {boost::asio::ip::make_address("127.0.0.1"), host.port()},
                               .identity = *crypto::generate_identity(crypto::IdentityKind::Client)},
                              handlers);
    if (!made) return std::nullopt;
    connection = *made;
    const auto deadline = SteadyClock::now() + patience;
    while (!closed && SteadyClock::now() < deadline) io.run_one_for(50ms);
    connection.reset();
    return closed;
}

}  // namespace

TEST(Hostile, ImpossibleModesAreRefusedInWords) {
    HostFixture host({"--open"});
    for (const wire::Mode mode :
         {wire::Mode{0, 0, 60}, wire::Mode{1280, 720, 0}, wire::Mode{1281, 720, 60}, wire::Mode{100000, 720, 60},
          wire::Mode{1280, 720, 4'000'000'000u}, wire::Mode{0xffffffff, 0xffffffff, 0xffffffff}}) {
        auto options = open_options(host);
        options.hello.mode = mode;
        const auto refused = client::NativeClient::connect(options);
        ASSERT_FALSE(refused) << mode.width << "x" << mode.height << "@" << mode.refresh_hz;
        EXPECT_EQ(refused.error().code, ErrorCode::Rejected) << refused.error().message;
    }
    expect_streams(host);
}

TEST(Hostile, MalformedFirstMessagesAreRefusedTyped) {
    HostFixture host({"--open"});
    const Bytes wrong_version = [] {
        wire::Hello hello;
        hello.abi_version = 77;
        hello.mode = {640, 360, 30};
        return wire::encode(hello);
    }();
    const std::pair<Bytes, quic::CloseCode> cases[] = {{Bytes{}, quic::CloseCode::SetupFailed},
                                                       {Bytes(65535, 0xff), quic::CloseCode::SetupFailed},
                                                       {Bytes{'P', 'K', 'F', '1', 2}, quic::CloseCode::SetupFailed},
                                                       {wrong_version, quic::CloseCode::WireVersionMismatch}};
    for (const auto& [message, code] : cases) {
        const auto closed = raw_exchange(host, {message}, 5s);
        ASSERT_TRUE(closed);
        EXPECT_TRUE(closed->by_peer && closed->application);
        EXPECT_EQ(closed->code, static_cast<uint64_t>(code)) << closed->reason;
        EXPECT_FALSE(closed->reason.empty());
    }
    expect_streams(host);
}

TEST(Hostile, AClientThatNeverStartsIsDropped) {
    HostFixture host({"--open", "--max-concurrent", "1"});
    wire::Hello hello;
    hello.mode = {640, 360, 30};
    const auto closed = raw_exchange(host, {wire::encode(hello)}, 20s);
    ASSERT_TRUE(closed);
    EXPECT_NE(closed->reason.find("Start"), std::string::npos) << closed->reason;
    EXPECT_TRUE(eventually(3s, [&] { return host.desktops().empty(); }));
    expect_streams(host);
}

TEST(Hostile, AFullHostSaysSo) {
    HostFixture host({"--open", "--max-concurrent", "1"});
    const auto first = client::NativeClient::connect(open_options(host));
    ASSERT_TRUE(first) << first.error().message;
    const auto second = client::NativeClient::connect(open_options(host));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::Rejected);
    EXPECT_NE(second.error().message.find("in use"), std::string::npos) << second.error().message;
    EXPECT_TRUE((*first)->next_frame(10s));
}

TEST(Hostile, ComingAndGoingPilesNothingUp) {
    HostFixture host({"--open", "--max-concurrent", "1"});
    wire::Hello hello;
    hello.mode = {640, 360, 30};
    size_t most = 0;
    for (int i = 0; i < 20; ++i) {
        boost::asio::io_context io;
        std::shared_ptr<quic::Connection> connection;
        bool closed = false;
        quic::Connection::Handlers handlers;
        handlers.established = [&] {
            connection->send_message(wire::encode(hello));
            connection->close(quic::CloseCode::Ok, "bye");
        };
        handlers.closed = [&](const quic::CloseInfo&) { closed = true; };
        connection = *quic::connect(io,
                                    {.remote = {boost::asio::ip::make_address("127.0.0.1"), host.port()},
                                     .identity = *crypto::generate_identity(crypto::IdentityKind::Client)},
                                    handlers);
        ASSERT_TRUE(eventually(5s, [&] { return io.run_one_for(50ms), closed; }));
        most = std::max(most, host.desktops().size());
    }
    EXPECT_LE(most, 2u);
    EXPECT_TRUE(eventually(20s, [&] { return host.desktops().empty(); }));
    expect_streams(host);
}

TEST(Hostile, NonsenseOnTheControlSocketIsAnswered) {
    HostFixture host({"--open"});
    for (const char* line :
         {"", "[]", "5", "null", "\"status\"", "{}", "{\"command\":5}", "{\"command\":[\"status\"]}",
          "{\"command\":{\"a\":1}}", "{\"command\":\"pair\",\"ttl_s\":-1}", "{\"command\":\"pair\",\"ttl_s\":\"x\"}",
          "{\"command\":\"pair\",\"ttl_s\":1e300}", "{\"command\":\"unpair\"}",
          "{\"command\":\"unpair\",\"fingerprint\":{}}", "{\"command\":\"unpair\",\"fingerprint\":\"\u0000\"}",
          "{\"command\":\"\xff\xfe\"}", "{\"command\":\"status\"", "{{{{{{{{"}) {
        const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        (host.directory() / "run/control.sock").string().copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        const std::string request = std::string(line) + "\n";
        ASSERT_EQ(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL), static_cast<ssize_t>(request.size()));
        std::string answer;
        char buffer[4096];
        for (ssize_t n; (n = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, buffer + n);
        const auto parsed = nlohmann::json::parse(answer, nullptr, false);
        ASSERT_TRUE(parsed.is_object() && parsed.contains("ok")) << line << " -> " << answer;
    }
    EXPECT_TRUE(host.status().contains("sessions"));
    expect_streams(host);
}

TEST(Hostile, GarbageOnThePortsHurtsNobody) {
    HostFixture host({"--open"});
    const auto streaming = client::NativeClient::connect(open_options(host));
    ASSERT_TRUE(streaming) << streaming.error().message;
    std::mt19937 random(3);
    UniqueFd socket(::socket(AF_INET, SOCK_DGRAM, 0));
    for (const uint16_t port : {host.port(), (*streaming)->welcome().udp_port}) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        for (int i = 0; i < 5000; ++i) {
            Bytes garbage(random() % 1500);
            for (auto& byte : garbage) byte = static_cast<uint8_t>(random());
            if (i % 4 == 0 && garbage.size() > 6) {  // looks like a long header of version 1
                garbage[0] |= 0xc0;
                garbage[1] = garbage[2] = garbage[3] = 0;
                garbage[4] = 1;
            }
            (void)::sendto(socket.get(), garbage.data(), garbage.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                           sizeof to);
        }
    }
    EXPECT_TRUE((*streaming)->next_frame(5s));
    EXPECT_TRUE((*streaming)->next_frame(5s));
    expect_streams(host);
    EXPECT_LT(host.process().err().size(), 200'000u) << "the log is flooded";
}

// Everything a client may say once it streams, in every amount: it harms nobody, and not even itself for long.
TEST(Hostile, FloodsOfAStreamingClientHurtNobody) {
    HostFixture host({"--open"});
    const auto victim = client::NativeClient::connect(open_options(host));
    ASSERT_TRUE(victim) << victim.error().message;
    ASSERT_TRUE((*victim)->next_frame(20s));
    const auto options = open_options(host);
    auto unread = net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0)).value();
    const Bytes start = wire::encode(wire::Start{unread.local_endpoint()->port()});
    {
        RawClient client(host.port(), options.identity, wire::encode(options.hello));
        ASSERT_FALSE(client.next_message(20s).empty());
        for (int i = 0; i < 20; ++i) client.send(start);
        const auto flood = [&](const wire::TypedMessage& message, int count = 1000) {
            for (int i = 0; i < count && !client.closed; ++i) {
                client.send(message);
                if (i % 100 == 99) client.run_for(1ms);
            }
        };
        flood(wire::RequestKeyframe{});
        flood(wire::ClockProbe{UINT64_MAX});
        flood(wire::ProbeRequest{UINT32_MAX, UINT32_MAX}, 5000);
        for (const uint32_t extreme : {0u, 1u, UINT32_MAX}) {
            flood(wire::SetBitrate{extreme}, 20);
            flood(wire::PathReport{extreme}, 100);
            flood(wire::RecoveryReport{extreme * uint64_t{extreme}}, 100);
            flood(wire::LossReport{extreme}, 100);
            flood(wire::RfiRequest{extreme, ~extreme}, 100);
            flood(wire::Reconfigure{{extreme, extreme, extreme}}, 100);
            flood(wire::Reconfigure{{640, 360, 30 + extreme % 3}}, 100);
        }
        const auto flood_datagrams = [&](auto&& make) {
            for (uint32_t i = 0; i < 1400; ++i) {
                client.send_datagram(make(i));
                if (i % 100 == 99) client.run_for(5ms);
            }
        };
        flood_datagrams([](uint32_t i) {
            const Bytes opus(i, 0xff);
            return wire::encode(wire::MicPacket{.seq = i, .pts_ns = i, .opus = opus});
        });
        for (const auto kind : {wire::InputKind::GamepadButton, wire::InputKind::GamepadAxis,
                                wire::InputKind::GamepadState, wire::InputKind::GamepadRemove,
                                wire::InputKind::GamepadArrival, wire::InputKind::TouchDown, wire::InputKind::KeyDown})
            flood_datagrams([&](uint32_t i) {
                return wire::encode_input({.kind = kind, .code = i, .x = INT32_MIN, .y = INT32_MAX, .flags = i});
            });
        for (const auto kind : {wire::InputKind::MouseMove, wire::InputKind::MouseMoveAbs, wire::InputKind::MouseScroll,
                                wire::InputKind::TouchMove})
            flood_datagrams([&](uint32_t i) {
                return wire::encode_input({.kind = kind,
                                           .code = i % 3,
                                           .x = i % 2 == 0 ? INT32_MIN : INT32_MAX,
                                           .y = i % 3 == 0 ? INT32_MIN : INT32_MAX,
                                           .flags = i % 5 == 0 ? UINT32_MAX : i});
            });
        for (const uint32_t character : {0u, 0x1bu, 0x7fu, 0x9bu, 0xd800u, 0xdfffu, 0x10ffffu, 0x110000u, UINT32_MAX})
            client.send_datagram(wire::encode_input({.kind = wire::InputKind::TextInput, .code = character}));
        client.messages.clear();
        client.send(wire::ClockProbe{7});
        const auto echoed = [&] {
            return std::ranges::any_of(client.messages, [](const Bytes& payload) {
                const auto message = wire::decode_typed(payload);
                const auto* echo = message ? std::get_if<wire::ClockEcho>(&*message) : nullptr;
                return echo != nullptr && echo->t1_ns == 7;
            });
        };
        EXPECT_TRUE(client.until(30s, echoed)) << (client.closed ? client.closed->reason : "silence");
        EXPECT_EQ(host.status().at("sessions").size(), 2u);
    }
    while ((*victim)->next_frame(0ms)) {
    }
    for (int i = 0; i < 3; ++i) EXPECT_TRUE((*victim)->next_frame(5s)) << i;
    EXPECT_LT(host.process().err().size(), 200'000u) << "the log is flooded";
}

}  // namespace punktfunk::test
