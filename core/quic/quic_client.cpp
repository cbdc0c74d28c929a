#include "punktfunk/net/datagram_socket.hpp"
#include "quic_connection.hpp"

namespace punktfunk::quic {

namespace {

// A connection that owns its socket and credentials.
class ClientConnection final : public QuicConnection {
  public:
    ClientConnection(asio::io_context& io, const ClientConfig& config, std::shared_ptr<net::DatagramSocket> socket,
                     Credentials credentials)
        : QuicConnection(io, {config.idle_timeout, config.handshake_timeout}, socket->local(), config.remote,
                         {.send = [socket](ByteView packet, const UdpEndpoint& to) { socket->send(packet, to); },
                          .add_id = [](const ngtcp2_cid&) {},
                          .remove_id = [](const ngtcp2_cid&) {},
                          .finished = [socket] { socket->stop(); }}),
          socket_(std::move(socket)),
          credentials_(std::move(credentials)) {}
    ~ClientConnection() override { socket_->stop(); }

    Result<void> open(const ClientConfig& config) {
        auto opened = open_client(credentials_, config.pin, /*retry_without_alpn=*/true);
        if (!opened) return opened;
        socket_->start([weak = weak_from_this(), this](ByteView datagram, const UdpEndpoint& from) {
            if (const auto alive = weak.lock()) (void)receive(datagram, from);
        });
        return {};
    }

  private:
    std::shared_ptr<net::DatagramSocket> socket_;
    Credentials credentials_;
};

}  // namespace

Result<std::shared_ptr<Connection>> connect(asio::io_context& io, ClientConfig config, Connection::Handlers handlers) {
    auto credentials = make_credentials(config.identity ? &*config.identity : nullptr, &QuicConnection::verify_peer);
    if (!credentials) return std::unexpected(credentials.error());
    auto socket = std::make_shared<net::DatagramSocket>(io);
    if (auto bound = socket->bind({config.remote.protocol(), 0}); !bound) return std::unexpected(bound.error());
    auto connection = std::make_shared<ClientConnection>(io, config, socket, std::move(*credentials));
    connection->set_handlers(std::move(handlers));
    if (auto opened = connection->open(config); !opened) return std::unexpected(opened.error());
    return connection;
}

}  // namespace punktfunk::quic
