#include "punktfunk/native/native_server.hpp"

#include <algorithm>

#include "approval.hpp"
#include "native_connection.hpp"
#include "server_context.hpp"

namespace punktfunk::native {

size_t ServerContext::streaming_count() const {
    const size_t elsewhere = config.other_sessions ? config.other_sessions() : 0;
    return elsewhere + static_cast<size_t>(std::ranges::count_if(
                           connections, [](const auto& connection) { return connection->holds_session(); }));
}

namespace {

class Server final : public NativeServer {
  public:
    Server(boost::asio::io_context& io, NativeConfig config, PairedStore& paired, PairingWindow& window,
           stream::PipelineParts parts, std::vector<encode::ProbeResult> encoders)
        : context_{io,   std::move(config), paired, window, std::move(parts), std::move(encoders), {}, {}, {}, {},
                   false} {}

    Result<void> listen() {
        auto listener = quic::Server::listen(
            context_.io, {.bind = context_.config.bind, .identity = context_.config.identity},
            [this](std::shared_ptr<quic::Connection> accepted) {
                auto connection = std::make_shared<NativeConnection>(context_, std::move(accepted));
                context_.connections.push_back(connection);
                connection->start();
            });
        if (!listener) return std::unexpected(std::move(listener.error()));
        quic_ = std::move(*listener);
        return {};
    }

    [[nodiscard]] boost::asio::ip::udp::endpoint local() const override { return quic_->local(); }

    [[nodiscard]] std::vector<SessionInfo> sessions() const override {
        std::vector<SessionInfo> list;
        for (const auto& connection : context_.connections) {
            if (connection->holds_session()) list.push_back(connection->info());
        }
        return list;
    }

    void drop_client(const crypto::Fingerprint& fingerprint) override {
        const auto connections = context_.connections;  // refusing takes them out of the list
        for (const auto& connection : connections) {
            if (connection->fingerprint() == fingerprint)
                connection->refuse({quic::CloseCode::Denied, "this device was unpaired"});
        }
    }

    [[nodiscard]] std::vector<PendingClient> pending() const override { return pending_clients(context_); }
    Result<PairedClient> approve(uint32_t id, const std::string& name) override {
        return native::approve(context_, id, name);
    }
    Result<PairedClient> deny(uint32_t id) override { return native::deny(context_, id); }

  private:
    ServerContext context_;
    std::unique_ptr<quic::Server>
        quic_;  // goes first: closing it closes the connections, which hand their sessions to the reaper
};

}  // namespace

Result<std::unique_ptr<NativeServer>> NativeServer::start(boost::asio::io_context& io, NativeConfig config,
                                                          PairedStore& paired, PairingWindow& window,
                                                          stream::PipelineParts parts,
                                                          std::vector<encode::ProbeResult> encoders) {
    auto server =
        std::make_unique<Server>(io, std::move(config), paired, window, std::move(parts), std::move(encoders));
    if (auto listening = server->listen(); !listening) return std::unexpected(std::move(listening.error()));
    return server;
}

}  // namespace punktfunk::native
