#include "punktfunk/quic/quic.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <random>

#include "punktfunk/base/unique_fd.hpp"
#include "quic_connection.hpp"

namespace punktfunk::quic {

using namespace std::chrono_literals;

namespace {

const crypto::Identity& host_identity() {
    static const auto identity = crypto::generate_identity(crypto::IdentityKind::Host).value();
    return identity;
}
const crypto::Identity& client_identity() {
    static const auto identity = crypto::generate_identity(crypto::IdentityKind::Client).value();
    return identity;
}

}  // namespace

struct ExtraStream {
    static uint64_t credit(Connection& opener) {
        return ngtcp2_conn_get_max_data_left(dynamic_cast<QuicConnection&>(opener).connection_);
    }
    static bool write(Connection& opener, ByteView bytes) {
        auto& connection = dynamic_cast<QuicConnection&>(opener);
        int64_t stream = -1;
        if (ngtcp2_conn_open_bidi_stream(connection.connection_, &stream, nullptr) != 0) return false;
        ngtcp2_path_storage storage;
        ngtcp2_path_storage_zero(&storage);
        ngtcp2_pkt_info info{};
        std::array<uint8_t, kMaxUdpPayload> packet{};
        ngtcp2_vec payload{const_cast<uint8_t*>(bytes.data()), bytes.size()};
        for (;;) {  // what else has to be said goes first, in a packet of its own
            ngtcp2_ssize taken = -1;
            const ngtcp2_ssize length =
                ngtcp2_conn_writev_stream(connection.connection_, &storage.path, &info, packet.data(), packet.size(),
                                          &taken, NGTCP2_WRITE_STREAM_FLAG_NONE, stream, &payload, 1, timestamp());
            if (length <= 0) return false;
            connection.port_.send(ByteView(packet).first(static_cast<size_t>(length)), connection.remote_);
            if (taken >= 0) return static_cast<size_t>(taken) == bytes.size();
        }
    }
};

namespace {

// A server and whatever it saw, on one io_context with the clients.
class Quic : public testing::Test {
  protected:
    struct Peer {
        std::shared_ptr<Connection> connection;
        bool established = false, stream_end = false;
        std::vector<Bytes> messages, datagrams;
        std::optional<CloseInfo> closed;
        int closes = 0;

        Connection::Handlers handlers() {
            return {.established = [this] { established = true; },
                    .message = [this](Bytes payload) { messages.push_back(std::move(payload)); },
                    .stream_end = [this] { stream_end = true; },
                    .datagram = [this](ByteView datagram) { datagrams.emplace_back(datagram.begin(), datagram.end()); },
                    .closed =
                        [this](const CloseInfo& info) {
                            closed = info;
                            ++closes;
                        }};
        }
    };

    void listen(size_t max_connections = 64, std::chrono::milliseconds idle = 20s) {
        ServerConfig config{.bind = {asio::ip::make_address("127.0.0.1"), 0},
                            .identity = host_identity(),
                            .idle_timeout = idle,
                            .max_connections = max_connections};
        server = Server::listen(io, std::move(config), [this](std::shared_ptr<Connection> connection) {
                     auto peer = std::make_unique<Peer>();
                     peer->connection = connection;
                     connection->set_handlers(peer->handlers());
                     accepted.push_back(std::move(peer));
                 }).value();
    }

    std::unique_ptr<Peer> dial(std::optional<crypto::Identity> identity = client_identity(),
                               std::optional<crypto::Fingerprint> pin = std::nullopt,
                               std::chrono::milliseconds idle = 20s) {
        auto peer = std::make_unique<Peer>();
        peer->connection = connect(io,
                                   {.remote = server->local(),
                                    .identity = std::move(identity),
                                    .pin = pin,
                                    .idle_timeout = idle,
                                    .handshake_timeout = 5s},
                                   peer->handlers())
                               .value();
        return peer;
    }

    bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds patience = 5s) {
        const auto deadline = SteadyClock::now() + patience;
        while (!condition() && SteadyClock::now() < deadline) {
            io.restart();
            io.run_one_for(20ms);
        }
        return condition();
    }

    std::unique_ptr<Peer> dial_established() {
        auto peer = dial();
        const size_t before = accepted.size();
        EXPECT_TRUE(run_until([&] { return peer->established && accepted.size() > before; }));
        return peer;
    }

    using SteadyClock = std::chrono::steady_clock;
    asio::io_context io;
    std::vector<std::unique_ptr<Peer>> accepted;
    std::unique_ptr<Server> server;
};

}  // namespace

TEST_F(Quic, BothEndsSeeEachOthersFingerprint) {
    listen();
    const auto client = dial_established();
    ASSERT_EQ(accepted.size(), 1u);
    EXPECT_EQ(client->connection->peer_fingerprint(), host_identity().fingerprint);
    EXPECT_EQ(accepted[0]->connection->peer_fingerprint(), client_identity().fingerprint);
}

TEST_F(Quic, AClientMayStayAnonymous) {
    listen();
    const auto client = dial(std::nullopt);
    ASSERT_TRUE(run_until([&] { return client->established && !accepted.empty(); }));
    EXPECT_FALSE(accepted[0]->connection->peer_fingerprint());
}

TEST_F(Quic, ThePinDecides) {
    listen();
    const auto right = dial(client_identity(), host_identity().fingerprint);
    EXPECT_TRUE(run_until([&] { return right->established; }));
    const auto wrong = dial(client_identity(), client_identity().fingerprint);
    ASSERT_TRUE(run_until([&] { return wrong->closed.has_value(); }));
    EXPECT_FALSE(wrong->established);
    EXPECT_EQ(wrong->closed->tls_alert, 49);
    EXPECT_FALSE(wrong->closed->by_peer);
}

TEST_F(Quic, MessagesOfEverySizeBothWays) {
    listen();
    const auto client = dial_established();
    std::vector<Bytes> sent;
    for (const size_t size : {0u, 1u, 1200u, 65535u, 3u, 40000u}) sent.emplace_back(size, static_cast<uint8_t>(size));
    for (const auto& message : sent) client->connection->send_message(message);
    ASSERT_TRUE(run_until([&] { return accepted[0]->messages.size() == sent.size(); }));
    EXPECT_EQ(accepted[0]->messages, sent);
    for (const auto& message : sent) accepted[0]->connection->send_message(message);
    ASSERT_TRUE(run_until([&] { return client->messages.size() == sent.size(); }));
    EXPECT_EQ(client->messages, sent);
}

TEST_F(Quic, DatagramsBothWaysAndTooLargeOnesVanish) {
    listen();
    const auto client = dial_established();
    EXPECT_TRUE(client->connection->send_datagram(Bytes(100, 1)));
    (void)client->connection->send_datagram(Bytes(5000, 2));
    EXPECT_TRUE(client->connection->send_datagram(Bytes(18, 3)));
    ASSERT_TRUE(run_until([&] { return accepted[0]->datagrams.size() == 2; }));
    EXPECT_EQ(accepted[0]->datagrams[1], Bytes(18, 3));
    (void)accepted[0]->connection->send_datagram(Bytes(93, 4));
    EXPECT_TRUE(run_until([&] { return client->datagrams.size() == 1; }));
}

TEST_F(Quic, TypedCloseAndItsWordsReachThePeer) {
    listen();
    const auto client = dial_established();
    accepted[0]->connection->close(CloseCode::Denied, "this device is not paired");
    ASSERT_TRUE(run_until([&] { return client->closed && accepted[0]->closed; }));
    EXPECT_TRUE(client->closed->by_peer && client->closed->application);
    EXPECT_EQ(client->closed->code, static_cast<uint64_t>(CloseCode::Denied));
    EXPECT_EQ(client->closed->reason, "this device is not paired");
    EXPECT_FALSE(accepted[0]->closed->by_peer);
    accepted[0]->connection->close(CloseCode::Ok, "again");
    (void)run_until([] { return false; }, 100ms);
    EXPECT_EQ(client->closes, 1);
    EXPECT_EQ(accepted[0]->closes, 1);
}

TEST_F(Quic, TheEndOfTheStreamIsNotTheEndOfTheSession) {
    listen();
    const auto client = dial_established();
    client->connection->send_message(Bytes{1});
    client->connection->finish_stream();
    ASSERT_TRUE(run_until([&] { return accepted[0]->stream_end; }));
    EXPECT_EQ(accepted[0]->messages.size(), 1u);
    (void)client->connection->send_datagram(Bytes{9});
    EXPECT_TRUE(run_until([&] { return accepted[0]->datagrams.size() == 1; }));
    accepted[0]->connection->send_message(Bytes{2});
    EXPECT_TRUE(run_until([&] { return client->messages.size() == 1; }));
}

TEST_F(Quic, ASilentPeerTimesOutOnce) {
    listen(64, 400ms);
    const auto client = dial_established();
    // The client goes without a word: its object stays, but nothing runs its socket any more.
    auto frozen = std::make_unique<asio::io_context>();
    Peer stuck;
    stuck.connection =
        connect(*frozen, {.remote = server->local(), .identity = client_identity()}, stuck.handlers()).value();
    const auto deadline = SteadyClock::now() + 5s;
    while (accepted.size() < 2 && SteadyClock::now() < deadline) {
        frozen->run_one_for(5ms);
        io.run_one_for(5ms);
    }
    ASSERT_EQ(accepted.size(), 2u);
    ASSERT_TRUE(run_until([&] { return accepted.size() == 2 && accepted[1]->closed.has_value(); }));
    EXPECT_TRUE(accepted[1]->closed->idle_timeout);
    EXPECT_FALSE(accepted[0]->closed) << "keep-alive holds the other connection";
}

TEST_F(Quic, OnlyTheFirstStreamIsTheControlStream) {
    listen();
    const auto client = dial_established();
    client->connection->send_message(Bytes{1});
    ASSERT_TRUE(run_until([&] { return accepted[0]->messages.size() == 1; }));
    const Bytes framed = wire::frame_message(Bytes{2});
    int opened = 0;
    for (; opened < 20 && ExtraStream::write(*client->connection, framed); ++opened) io.run_for(1ms);
    EXPECT_EQ(opened, 20);
    client->connection->send_message(Bytes{3});
    ASSERT_TRUE(run_until([&] { return accepted[0]->messages.size() == 2; }));
    EXPECT_EQ(accepted[0]->messages[1], Bytes{3});
    EXPECT_FALSE(client->closed);
}

// Two hundred streams, each without its first byte, would have to be kept whole.
TEST_F(Quic, ThePeersCreditIsBoundedOverAllStreamsAndComesBack) {
    listen();
    const auto client = dial_established();
    const uint64_t credit = ExtraStream::credit(*client->connection);
    ASSERT_LE(credit, 4u << 20);
    const Bytes large(60'000);
    for (size_t sent = 1; sent * large.size() < 3 * credit; ++sent) {
        client->connection->send_message(large);
        ASSERT_TRUE(run_until([&] { return accepted[0]->messages.size() == sent; })) << sent;
    }
}

// A client that gives up after eight seconds of silence hears of the server, though it sends nothing itself.
TEST_F(Quic, APeerThatSaysNothingHearsOfUs) {
    listen();
    // Between the two: everything passes, until the client's packets no longer do.
    using Udp = asio::ip::udp;
    Udp::socket inside(io, {asio::ip::make_address("127.0.0.1"), 0}),
        outside(io, {asio::ip::make_address("127.0.0.1"), 0});
    std::optional<Udp::endpoint> client_at;
    bool muted = false;
    int heard = 0;
    const auto pass = [](Udp::socket& from, Udp::socket& to, const std::optional<Udp::endpoint>& target, auto seen) {
        std::array<uint8_t, 2048> packet{};
        boost::system::error_code ec;
        Udp::endpoint sender;
        for (from.non_blocking(true);;) {
            const size_t length = from.receive_from(asio::buffer(packet), sender, 0, ec);
            if (ec) return;
            if (seen(sender) && target) to.send_to(asio::buffer(packet, length), *target, 0, ec);
        }
    };
    const auto relay = [&] {
        pass(inside, outside, server->local(), [&](const Udp::endpoint& from) { return client_at = from, !muted; });
        pass(outside, inside, client_at, [&](const Udp::endpoint&) { return heard += muted ? 1 : 0, true; });
    };
    Peer client;
    client.connection =
        connect(io, {.remote = inside.local_endpoint(), .identity = client_identity(), .idle_timeout = 8s},
                client.handlers())
            .value();
    ASSERT_TRUE(run_until([&] { return relay(), client.established && accepted.size() == 1; }));
    (void)run_until([&] { return relay(), false; }, 500ms);  // what the handshake leaves to be said
    muted = true;
    (void)run_until([&] { return relay(), heard > 0; }, 7s);
    EXPECT_GT(heard, 0);
    EXPECT_FALSE(client.closed);
}

TEST_F(Quic, APeerThatIsAskedShowsThatItIsAlive) {
    listen();
    const auto client = dial();
    ASSERT_TRUE(run_until([&] { return client->established && accepted.size() == 1; }));
    ASSERT_FALSE(run_until([] { return false; }, 300ms)) << "the handshake's last words";
    Connection& host = *accepted[0]->connection;
    const auto asked = SteadyClock::now();
    EXPECT_LT(host.last_heard(), asked);
    host.set_keep_alive(50ms);
    EXPECT_TRUE(run_until([&] { return host.last_heard() > asked; }, 2s)) << "not only after the usual four seconds";
}

TEST_F(Quic, AFloodOfGarbageHurtsNobody) {
    listen(4);
    const auto client = dial_established();
    UniqueFd socket(::socket(AF_INET, SOCK_DGRAM, 0));
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        Bytes garbage(random() % 1472);
        for (auto& byte : garbage) byte = static_cast<uint8_t>(random());
        if (i % 2 == 0 && garbage.size() >= 1200) {  // a long header that looks like an Initial of version 1
            garbage[0] = 0xc3;
            garbage[1] = garbage[2] = garbage[3] = 0;
            garbage[4] = 1;
            garbage[5] = 8;
            garbage[14] = 0;
            garbage[15] = 0;
            garbage[16] = 0x44;
            garbage[17] = 0x80;
        }
        (void)::sendto(socket.get(), garbage.data(), garbage.size(), 0, server->local().data(),
                       static_cast<socklen_t>(server->local().size()));
        if (i % 50 == 0) (void)run_until([] { return false; }, 1ms);
    }
    client->connection->send_message(Bytes(10, 7));
    EXPECT_TRUE(run_until([&] { return accepted[0]->messages.size() == 1; }));
    const auto next = dial_established();
    EXPECT_TRUE(next->established) << "garbage must not hold places";
}

TEST_F(Quic, AFullServerRefusesAndGoesOn) {
    listen(1);
    const auto first = dial_established();
    const auto second = dial();
    ASSERT_TRUE(run_until([&] { return second->closed.has_value(); }));
    EXPECT_FALSE(second->established);
    first->connection->close(CloseCode::Ok, "done");
    ASSERT_TRUE(run_until([&] { return accepted[0]->closed.has_value(); }));
    EXPECT_TRUE(dial_established()->established);
}

TEST_F(Quic, AServerThatGoesTellsItsClients) {
    listen();
    const auto client = dial_established();
    server.reset();
    EXPECT_EQ(accepted[0]->closes, 1);
    ASSERT_TRUE(run_until([&] { return client->closed.has_value(); }));
    EXPECT_EQ(client->closed->reason, "done");
}

TEST_F(Quic, AlpnIsPkf1OrAbsent) {
    listen();
    // What a client of the first generation does: no ALPN extension at all.
    const auto credentials = make_credentials(&client_identity(), &QuicConnection::verify_peer).value();
    UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    ASSERT_EQ(::connect(fd.get(), server->local().data(), static_cast<socklen_t>(server->local().size())), 0);
    Peer legacy;
    auto connection = std::make_shared<QuicConnection>(
        io, ConnectionOptions{20s, 5s}, UdpEndpoint(asio::ip::udp::v4(), 0), server->local(),
        QuicConnection::Port{
            .send = [&](ByteView packet,
                        const UdpEndpoint&) { (void)::send(fd.get(), packet.data(), packet.size(), 0); },
            .add_id = [](const ngtcp2_cid&) {},
            .remove_id = [](const ngtcp2_cid&) {},
            .finished = [] {}});
    connection->set_handlers(legacy.handlers());
    ASSERT_TRUE(connection->open_client(credentials, std::nullopt, /*retry_without_alpn=*/false));
    EXPECT_TRUE(run_until([&] {
        uint8_t buffer[2048];
        for (ssize_t n = 0; (n = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0;)
            (void)connection->receive({buffer, static_cast<size_t>(n)}, server->local());
        return legacy.established;
    }));
}

}  // namespace punktfunk::quic
