// Who is let in, and what the others are told.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "host_fixture.hpp"
#include "punktfunk/client/native_client.hpp"
#include "punktfunk/client/pairing_client.hpp"
#include "punktfunk/crypto/spake2.hpp"
#include "punktfunk/quic/quic.hpp"
#include "raw_client.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

namespace {

std::string wrong(const std::string& pin) {
    return pin == "0000" ? "0001" : "0000";
}

client::ConnectOptions options_for(const HostFixture& host) {
    client::ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = host.port();
    options.hello.mode = {640, 360, 30};
    options.hello.tail.emplace();
    options.hello.tail->video_codecs = wire::kCodecH264 | wire::kCodecHevc;
    return options;
}

}  // namespace

TEST(Trust, AnUnpairedClientIsNotLetInAndToldWhy) {
    HostFixture host;
    auto options = options_for(host);
    options.identity = any_identity();
    options.timeout = 4s;
    const auto refused = client::NativeClient::connect(options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Timeout) << "somebody may still approve it";
    EXPECT_NE(refused.error().message.find("punktfunk-host pending"), std::string::npos) << refused.error().message;

    options.hello.tail.reset();  // a client that does not wait
    const auto denied = client::NativeClient::connect(options);
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().code, ErrorCode::Rejected);
    EXPECT_NE(denied.error().message.find("not paired"), std::string::npos) << denied.error().message;

    options.identity.reset();
    const auto anonymous = client::NativeClient::connect(options);
    ASSERT_FALSE(anonymous);
    EXPECT_EQ(anonymous.error().code, ErrorCode::Rejected);
}

TEST(Trust, PairingNeedsAnArmedHost) {
    HostFixture host;
    const auto refused = client::pair("127.0.0.1", host.port(), any_identity(), "1234", "x", 10s);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Rejected);
    EXPECT_NE(refused.error().message.find("armed"), std::string::npos) << refused.error().message;
}

TEST(Trust, ThreeWrongPinsBurnThePin) {
    HostFixture host;
    const auto device = any_identity();
    const std::string pin = host.arm_pairing();
    for (int guess = 0; guess < 3; ++guess) {
        Result<crypto::Fingerprint> result;
        // Too early an attempt is refused without counting as a guess.
        ASSERT_TRUE(eventually(10s, [&] {
            result = client::pair("127.0.0.1", host.port(), device, wrong(pin), "guesser", 10s);
            return !result && result.error().code == ErrorCode::Crypto;
        })) << result.error().message;
    }
    Result<crypto::Fingerprint> right;
    ASSERT_TRUE(eventually(10s, [&] {
        right = client::pair("127.0.0.1", host.port(), device, pin, "guesser", 10s);
        return right || right.error().message.find("armed") != std::string::npos;
    }));
    EXPECT_FALSE(right) << "the PIN survived three wrong guesses";
    EXPECT_TRUE(host.status().at("paired").empty());
}

// The challenge tells a guesser whether it was right; whoever then just keeps quiet must not get more guesses for it.
TEST(Trust, GuessesCountWhileTheirCeremoniesAreStillOpen) {
    HostFixture host;
    const std::string pin = host.arm_pairing();
    boost::asio::io_context io;
    std::vector<std::shared_ptr<quic::Connection>> open;
    int challenges = 0;
    std::optional<quic::CloseInfo> closed;
    const auto guess = [&] {
        const auto device = any_identity();
        quic::Connection::Handlers handlers;
        handlers.established = [&, device] {
            const crypto::Spake2 exchange(crypto::Spake2Side::Client, wrong(pin), device.fingerprint,
                                          open.back()->peer_fingerprint().value());
            const auto& message = exchange.message();
            open.back()->send_message(
                wire::encode(wire::TypedMessage{wire::PairRequest{"guesser", Bytes(message.begin(), message.end())}}));
        };
        handlers.message = [&](const Bytes&) { ++challenges; };
        handlers.closed = [&](const quic::CloseInfo& info) { closed = info; };
        open.push_back(*quic::connect(
            io, {.remote = {boost::asio::ip::make_address("127.0.0.1"), host.port()}, .identity = device}, handlers));
        const int before = challenges;
        closed.reset();
        return eventually(5s, [&] {
            io.run_for(10ms);
            return closed || challenges > before;
        });
    };
    // One is let through every two seconds.
    ASSERT_TRUE(eventually(20s, [&] { return !guess() || challenges == 3; }));
    ASSERT_EQ(challenges, 3);
    ASSERT_TRUE(eventually(10s, [&] {
        return guess() && closed && closed->code != static_cast<uint64_t>(quic::CloseCode::PairingRateLimited);
    }));
    EXPECT_EQ(closed->code, static_cast<uint64_t>(quic::CloseCode::PairingNotArmed)) << closed->reason;
}

TEST(Trust, APinPairsOneDeviceAndItIsRemembered) {
    HostFixture host;
    const auto device = any_identity();
    const std::string pin = host.arm_pairing();
    const auto fingerprint = client::pair("127.0.0.1", host.port(), device, pin, "  Living\tRoom  ", 10s);
    ASSERT_TRUE(fingerprint) << fingerprint.error().message;
    ASSERT_EQ(host.status().at("paired").size(), 1u);
    EXPECT_EQ(host.status().at("paired")[0].at("name"), "Living Room");
    auto options = options_for(host);
    options.identity = device;
    options.pin = *fingerprint;
    {
        const auto connected = client::NativeClient::connect(options);
        ASSERT_TRUE(connected) << connected.error().message;
        const auto frame = (*connected)->next_frame(10s);
        ASSERT_TRUE(frame) << frame.error().message;
        EXPECT_EQ(frame->user_flags & 0x4u, 0x4u) << "the first frame is a keyframe";
    }
    (*options.pin)[0] ^= 1;
    const auto other_host = client::NativeClient::connect(options);
    ASSERT_FALSE(other_host);
    EXPECT_EQ(other_host.error().code, ErrorCode::Crypto);
}

TEST(Trust, AnOpenHostLetsAnybodyIn) {
    HostFixture host({"--open"});
    auto options = options_for(host);
    options.identity = any_identity();
    const auto connected = client::NativeClient::connect(options);
    ASSERT_TRUE(connected) << connected.error().message;
    EXPECT_TRUE((*connected)->next_frame(10s));
}

}  // namespace punktfunk::test
