#include <algorithm>
#include <map>

#include "punktfunk/crypto/random.hpp"
#include "punktfunk/net/datagram_socket.hpp"
#include "quic_connection.hpp"

namespace punktfunk::quic {

namespace {

using ConnectionId = std::string;

ConnectionId key_of(const uint8_t* data, size_t length) {
    return {reinterpret_cast<const char*>(data), length};
}

class ServerImpl final : public Server {
  public:
    ServerImpl(asio::io_context& io, ServerConfig config, OnConnection on_connection)
        : io_(io),
          config_(std::move(config)),
          on_connection_(std::move(on_connection)),
          socket_(std::make_shared<net::DatagramSocket>(io)) {}

    ~ServerImpl() override {
        const auto connections = std::exchange(connections_, {});
        for (const auto& connection : connections) connection->shut_down(CloseCode::Ok, "done");
        socket_->stop();
    }

    Result<void> open() {
        auto credentials = make_credentials(&config_.identity, &QuicConnection::verify_peer);
        if (!credentials) return std::unexpected(credentials.error());
        credentials_ = std::move(*credentials);
        if (auto bound = socket_->bind(config_.bind); !bound) return bound;
        socket_->start([this](ByteView datagram, const UdpEndpoint& from) { on_datagram(datagram, from); });
        return {};
    }

    [[nodiscard]] UdpEndpoint local() const override { return socket_->local(); }

  private:
    void on_datagram(ByteView datagram, const UdpEndpoint& from) {
        ngtcp2_version_cid ids{};
        const int code = ngtcp2_pkt_decode_version_cid(&ids, datagram.data(), datagram.size(), kConnectionIdBytes);
        if (code == NGTCP2_ERR_VERSION_NEGOTIATION) return negotiate_version(ids, datagram.size(), from);
        if (code != 0) return;
        if (const auto known = routes_.find(key_of(ids.dcid, ids.dcidlen)); known != routes_.end()) {
            const auto connection = known->second;
            (void)connection->receive(datagram, from);
            return;
        }
        ngtcp2_pkt_hd header{};
        if (ngtcp2_accept(&header, datagram.data(), datagram.size()) == 0 && header.type == NGTCP2_PKT_INITIAL)
            accept(header, datagram, from);
    }

    void negotiate_version(const ngtcp2_version_cid& ids, size_t received, const UdpEndpoint& from) {
        if (received < NGTCP2_MAX_UDP_PAYLOAD_SIZE) return;  // never answer with more than was asked with
        const uint32_t versions[] = {NGTCP2_PROTO_VER_V1};
        std::array<uint8_t, NGTCP2_MAX_UDP_PAYLOAD_SIZE> answer{};
        const ngtcp2_ssize length = ngtcp2_pkt_write_version_negotiation(
            answer.data(), answer.size(), static_cast<uint8_t>(crypto::random_below(256)), ids.scid, ids.scidlen,
            ids.dcid, ids.dcidlen, versions, 1);
        if (length > 0) socket_->send(ByteView(answer).first(static_cast<size_t>(length)), from);
    }

    void accept(const ngtcp2_pkt_hd& header, ByteView datagram, const UdpEndpoint& from) {
        const auto open =
            static_cast<size_t>(std::ranges::count_if(connections_, [](const auto& c) { return c->is_open(); }));
        if (open >= config_.max_connections) return refuse(header, from);
        auto connection = std::make_shared<QuicConnection>(
            io_, ConnectionOptions{config_.idle_timeout, std::chrono::seconds(10)}, local(), from,
            QuicConnection::Port{
                .send = [socket = socket_](ByteView packet, const UdpEndpoint& to) { socket->send(packet, to); },
                .add_id = {},
                .remove_id = {},
                .finished = {}});
        std::weak_ptr<QuicConnection> weak = connection;
        connection->set_port_routes(
            [this, weak](const ngtcp2_cid& id) { routes_[key_of(id.data, id.datalen)] = weak.lock(); },
            [this](const ngtcp2_cid& id) { routes_.erase(key_of(id.data, id.datalen)); },
            [this, weak] { forget(weak.lock()); });
        if (!connection->open_server(header, credentials_)) return;
        connection->set_handlers({.established = [this, weak] { on_connection_(weak.lock()); },
                                  .message = {},
                                  .stream_end = {},
                                  .datagram = {},
                                  .closed = {}});
        connections_.push_back(connection);
        // Bytes that merely look like an Initial must not hold a place for ten seconds.
        if (!connection->receive(datagram, from)) forget(connection);
    }

    void refuse(const ngtcp2_pkt_hd& header, const UdpEndpoint& from) {
        constexpr uint64_t kConnectionRefused = 2;
        std::array<uint8_t, NGTCP2_MAX_UDP_PAYLOAD_SIZE> answer{};
        const ngtcp2_ssize length = ngtcp2_crypto_write_connection_close(
            answer.data(), answer.size(), header.version, &header.scid, &header.dcid, kConnectionRefused, nullptr, 0);
        if (length > 0) socket_->send(ByteView(answer).first(static_cast<size_t>(length)), from);
    }

    void forget(const std::shared_ptr<QuicConnection>& connection) {
        std::erase_if(routes_, [&](const auto& route) { return route.second == connection; });
        std::erase(connections_, connection);
    }

    asio::io_context& io_;
    ServerConfig config_;
    OnConnection on_connection_;
    std::shared_ptr<net::DatagramSocket> socket_;
    Credentials credentials_;
    std::map<ConnectionId, std::shared_ptr<QuicConnection>> routes_;
    std::vector<std::shared_ptr<QuicConnection>> connections_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(asio::io_context& io, ServerConfig config, OnConnection on_connection) {
    auto server = std::make_unique<ServerImpl>(io, std::move(config), std::move(on_connection));
    if (auto opened = server->open(); !opened) return std::unexpected(std::move(opened.error()));
    return server;
}

}  // namespace punktfunk::quic
