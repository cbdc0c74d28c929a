// RTSP's sockets against clients that behave and clients that do not.
#include "rtsp_listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "test_peer.hpp"

namespace punktfunk::moonlight {

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view kOptions = "OPTIONS rtsp://0.0.0.0:1 RTSP/1.0\r\nCSeq: 1\r\nHost: 0.0.0.0\r\n\r\n";

// Answers every request with its own text.
class Echo {
  public:
    explicit Echo(RtspOptions options = {}) {
        options.bind = {boost::asio::ip::address_v4::loopback(), 0};
        listener_ = RtspListener::listen(thread_.io(), options, [](const rtsp::Received& received, const auto&) {
                        const auto& text = std::get<rtsp::PlainMessage>(received).text;
                        return text.find("NOBODY") == std::string::npos ? std::optional(Bytes(text.begin(), text.end()))
                                                                        : std::nullopt;
                    }).value();
        at_ = listener_->local();
        thread_.start();
    }
    ~Echo() {
        thread_.there([this] { return listener_.reset(), 0; });
    }
    [[nodiscard]] const boost::asio::ip::tcp::endpoint& at() const { return at_; }
    [[nodiscard]] size_t connections() {
        return thread_.there([this] { return listener_->connections(); });
    }

  private:
    IoThread thread_;
    std::unique_ptr<RtspListener> listener_;
    boost::asio::ip::tcp::endpoint at_;
};

}  // namespace

TEST(RtspListener, AnswersAWholeRequestAndEndsInGoodOrder) {
    Echo echo;
    TestPeer peer(echo.at());
    for (size_t at = 0; at < kOptions.size(); at += 7) peer.send(kOptions.substr(at, 7));  // stock clients send pieces
    EXPECT_EQ(peer.read_to_end(), kOptions);
    EXPECT_EQ(peer.ended, boost::asio::error::eof) << "FIN, not RST";
    peer.close();
    EXPECT_TRUE(eventually([&] { return echo.connections() == 0; }));
}

TEST(RtspListener, WhatIsNoRequestGetsNoAnswerAndNoReset) {
    Echo echo;
    std::mt19937 random(7);
    for (int round = 0; round < 100; ++round) {
        std::string noise(random() % 3000 + 1, '\0');
        for (char& c : noise) c = static_cast<char>(random());
        EXPECT_EQ(TestPeer(echo.at()).send(noise).shut_down().read_to_end(), "");
    }
    const std::string large = "OPTIONS x RTSP/1.0\r\nCSeq: 1\r\nX: " + std::string(100'000, 'x');
    EXPECT_EQ(TestPeer(echo.at()).send(large).read_to_end(), "");
    TestPeer nobody(echo.at());
    EXPECT_EQ(nobody.send("OPTIONS NOBODY RTSP/1.0\r\nCSeq: 1\r\n\r\n").read_to_end(), "");
    EXPECT_EQ(nobody.ended, boost::asio::error::eof);
    EXPECT_EQ(TestPeer(echo.at()).send(kOptions).read_to_end(), kOptions);
}

TEST(RtspListener, ThousandThatSayNothingKeepNobodyOut) {
    Echo echo({.max_connections = 16});
    std::vector<std::unique_ptr<TestPeer>> silent;
    for (int i = 0; i < 1000; ++i) {
        silent.push_back(std::make_unique<TestPeer>(echo.at()));
        if (i % 2 == 0) silent.back()->send("OPTIONS rtsp://");
        if (i >= 500) silent[static_cast<size_t>(i) - 500]->close();  // descriptors are the tests', too
        if (i % 100 == 0) {
            EXPECT_EQ(TestPeer(echo.at()).send(kOptions).read_to_end(), kOptions) << i;
        }
    }
    EXPECT_LE(echo.connections(), 16u);
    EXPECT_EQ(TestPeer(echo.at()).send(kOptions).read_to_end(), kOptions);
}

TEST(RtspListener, WhoDripsIsGivenUp) {
    Echo echo({.patience = 1s});
    TestPeer dripping(echo.at());
    const auto begun = SteadyClock::now();
    for (size_t at = 0; at < kOptions.size() && SteadyClock::now() < begun + 5s; ++at) {
        dripping.send(kOptions.substr(at, 1));
        if (dripping.ended_within(100ms)) break;
    }
    EXPECT_TRUE(dripping.ended_within(10ms)) << "every byte gave it more time";
    EXPECT_TRUE(eventually([&] { return echo.connections() == 0; }));
}

}  // namespace punktfunk::moonlight
