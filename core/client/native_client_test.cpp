// NativeClient against a host made here from the same parts, so that the host can misbehave on purpose.
#include "native_client.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>

#include "pairing_client.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/quic/quic.hpp"
#include "punktfunk/session/video_sender.hpp"

namespace punktfunk::client {

using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr uint32_t kFrames = 12;  // fit the queue: they may all come before connect() returns

const crypto::Identity& host_identity() {
    static const auto identity = crypto::generate_identity(crypto::IdentityKind::Host).value();
    return identity;
}

Bytes picture(uint32_t index) {
    Bytes bytes(1000 + 7000 * index);
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 31 + index);
    return bytes;
}

// Answers every Hello with `welcome()`; sends kFrames pictures after Start. Claims to be paired without knowing a PIN.
class FakeHost {
  public:
    std::function<Bytes(wire::Welcome)> welcome = [](const wire::Welcome& w) { return wire::encode(w); };
    std::optional<quic::CloseCode> refuse_with;

    FakeHost() {
        std::promise<uint16_t> port;
        thread_ = std::jthread([this, &port] { run(port); });
        port_ = port.get_future().get();
    }
    ~FakeHost() {
        asio::post(io_, [this] { io_.stop(); });
    }
    [[nodiscard]] uint16_t port() const { return port_; }
    void close() {
        asio::post(io_, [this] { connection_->close(quic::CloseCode::Ok, "the show is over"); });
    }

  private:
    void run(std::promise<uint16_t>& port) {
        auto server =
            quic::Server::listen(io_, {.bind = {asio::ip::make_address("127.0.0.1"), 0}, .identity = host_identity()},
                                 [this](const std::shared_ptr<quic::Connection>& connection) { serve(connection); })
                .value();
        port.set_value(server->local().port());
        io_.run();
        video_ = {};
        connection_.reset();
    }

    void serve(const std::shared_ptr<quic::Connection>& connection) {
        connection_ = connection;
        connection->set_handlers({.established = {},
                                  .message = [this](const Bytes& payload) { on_message(payload); },
                                  .stream_end = {},
                                  .datagram = {},
                                  .closed = [](const quic::CloseInfo&) {}});
    }

    void on_message(const Bytes& payload) {
        if (const auto typed = wire::decode_typed(payload)) {
            if (const auto* probe = std::get_if<wire::ClockProbe>(&*typed)) {
                connection_->send_message(
                    wire::encode(wire::TypedMessage{wire::ClockEcho{probe->t1_ns, realtime_ns(), realtime_ns()}}));
            } else if (std::holds_alternative<wire::PairRequest>(*typed)) {
                connection_->send_message(wire::encode(wire::TypedMessage{wire::PairResult{true}}));
            }
        } else if (const auto hello = wire::decode_hello(payload)) {
            if (refuse_with) return connection_->close(*refuse_with, "no, and this is why");
            on_hello(*hello);
        } else {
            begin_video();
        }
    }

    void on_hello(const wire::Hello& hello) {
        socket_.emplace(net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0)).value());
        config_ = {.scheme = fec::Scheme::Gf16,
                   .fec_percent = 20,
                   .max_data_per_block = 4096,
                   .shard_payload = 1408,
                   .encrypt = true,
                   .key = crypto::random_session_key()};
        connection_->send_message(welcome({.udp_port = socket_->local_endpoint()->port(),
                                           .mode = hello.mode,
                                           .key = config_.key.key,
                                           .salt = config_.key.salt}));
    }

    void begin_video() {
        video_ = std::jthread([this, socket = std::move(*socket_), config = config_]() mutable {
            const auto nowhere = *net::Endpoint::parse("127.0.0.1", 9);
            if (!session::await_punch(socket, nowhere, 2s, -1)) return;
            auto sender = session::VideoSender::create(config, std::move(socket)).value();
            for (uint32_t i = 0; i < kFrames; ++i) {
                const uint32_t flags = i == 0 ? session::kKeyframe : session::kDeltaFrame;
                (void)sender.send(picture(i), 1000 + i, flags, SteadyClock::now());
            }
        });
    }

    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    std::shared_ptr<quic::Connection> connection_;
    std::optional<net::UdpSocket> socket_;
    session::SessionConfig config_;
    uint16_t port_ = 0;
    std::jthread video_;
    std::jthread thread_;
};

ConnectOptions to(const FakeHost& host) {
    ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = host.port();
    options.hello.mode = {640, 360, 30};
    options.timeout = 5s;
    return options;
}

}  // namespace

TEST(NativeClient, ReceivesWhatTheHostSendsAndHowItEnded) {
    FakeHost host;
    auto options = to(host);
    options.pin = host_identity().fingerprint;
    const auto client = NativeClient::connect(options);
    ASSERT_TRUE(client) << client.error().message;
    EXPECT_EQ((*client)->host_fingerprint(), host_identity().fingerprint);
    EXPECT_EQ((*client)->mode(), (wire::Mode{640, 360, 30}));
    ASSERT_TRUE((*client)->clock());
    EXPECT_LT(std::abs((*client)->clock()->offset_ns), 100'000'000) << "one machine, one clock";
    for (uint32_t i = 0; i < kFrames; ++i) {
        auto frame = (*client)->next_frame(5s);
        ASSERT_TRUE(frame) << frame.error().message;
        EXPECT_EQ(frame->data, picture(frame->frame_index));
        EXPECT_EQ(frame->pts_ns, 1000 + frame->frame_index);
        EXPECT_LE(frame->first_packet_ns, frame->completed_ns);
        (*client)->recycle(std::move(*frame));
    }
    // The counts follow the frames by a moment.
    for (int i = 0; i < 200 && (*client)->stats().frames_completed < kFrames; ++i) {
        EXPECT_EQ((*client)->next_frame(10ms).error().code, ErrorCode::Timeout);
    }
    EXPECT_EQ((*client)->stats().frames_completed, kFrames);
    host.close();
    const auto frame = (*client)->next_frame(5s);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::Closed);
    EXPECT_EQ(frame.error().message, "the show is over");
}

TEST(NativeClient, NeverTalksToAnotherHost) {
    FakeHost host;
    auto options = to(host);
    options.pin.emplace(host_identity().fingerprint)[0] ^= 1;
    const auto client = NativeClient::connect(options);
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::Crypto);
}

TEST(NativeClient, SaysWhyItWasRefused) {
    FakeHost host;
    host.refuse_with = quic::CloseCode::Denied;
    const auto client = NativeClient::connect(to(host));
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, ErrorCode::Rejected);
    EXPECT_EQ(client.error().message, "no, and this is why");
}

TEST(NativeClient, RefusesAWelcomeThatMakesNoSense) {
    FakeHost host;
    const std::function<Bytes(wire::Welcome)> bad[] = {
        [](const wire::Welcome&) { return Bytes{}; },
        [](const wire::Welcome& w) {
            Bytes cut = wire::encode(w);
            cut.resize(20);
            return cut;
        },
        [](wire::Welcome w) { return w.shard_payload = 0, wire::encode(w); },
        [](wire::Welcome w) { return w.shard_payload = 65535, wire::encode(w); },
        [](wire::Welcome w) { return w.max_data_per_block = 0, wire::encode(w); },
        [](wire::Welcome w) { return w.mode.refresh_hz = 0, wire::encode(w); },
        [](wire::Welcome w) { return w.mode.width = 0, wire::encode(w); }};
    for (const auto& welcome : bad) {
        host.welcome = welcome;
        const auto client = NativeClient::connect(to(host));
        ASSERT_FALSE(client);
        EXPECT_EQ(client.error().code, ErrorCode::ProtocolViolation) << client.error().message;
    }
}

TEST(Pairing, AHostThatDoesNotProveThePinIsNotTrusted) {
    FakeHost host;
    const auto identity = crypto::generate_identity(crypto::IdentityKind::Client).value();
    const auto fingerprint = pair("127.0.0.1", host.port(), identity, "1234", "x", 5s);
    ASSERT_FALSE(fingerprint);
    EXPECT_EQ(fingerprint.error().code, ErrorCode::Crypto) << fingerprint.error().message;
}

TEST(NativeClient, WaitingForAHostCanBeInterrupted) {
    UniqueFd cancel(::eventfd(0, EFD_CLOEXEC));
    ConnectOptions options;
    options.host = "192.0.2.77";  // for documentation: nobody is there
    options.hello.mode = {640, 360, 30};
    options.timeout = 60s;
    options.cancel_fd = cancel.get();
    auto connecting = std::async(std::launch::async, [&] { return NativeClient::connect(options); });
    ASSERT_EQ(::eventfd_write(cancel.get(), 1), 0);
    ASSERT_EQ(connecting.wait_for(5s), std::future_status::ready);
    EXPECT_EQ(connecting.get().error().code, ErrorCode::Closed);
}

}  // namespace punktfunk::client
