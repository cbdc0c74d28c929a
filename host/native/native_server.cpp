#include "punktfunk/native/native_server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "approval.hpp"
#include "native_connection.hpp"
#include "server_context.hpp"

namespace punktfunk::native {

size_t ServerContext::streaming_count() const {
    const size_t elsewhere = config.other_sessions ? config.other_sessions() : 0;
    return elsewhere + static_cast<size_t>(std::ranges::count_if(
                           connections, [](const auto& connection) { return connection->holds_session(); }));
}

// Later: whoever is told may look at everything, and nothing is half done then.
void ServerContext::tell_change() const {
    if (config.changed) boost::asio::post(io, config.changed);
}

namespace {

class Server final : public NativeServer {
  public:
    Server(boost::asio::io_context& io, NativeConfig config, PairedStore& paired, PairingWindow& window,
           stream::PipelineParts parts, std::vector<encode::ProbeResult> encoders)
        : context_{io, std::move(config), paired, window, std::move(parts), std::move(encoders), {}, {}, {}, {}, false,
                   0} {}

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

    void follow_terms(const crypto::Fingerprint& fingerprint) override {
        const PairedClient* client = context_.paired.find(fingerprint);
        if (client == nullptr) return;
        for (const auto& connection : context_.connections) {
            if (connection->fingerprint() == fingerprint) connection->set_terms(*client);
        }
        context_.tell_change();
    }
    void configure(const NativeSettings& settings) override {
        context_.config.require_pairing = settings.require_pairing;
        context_.config.max_concurrent = settings.max_concurrent;
        context_.config.fec_percent = settings.fec_percent;
        context_.config.gamepad = settings.gamepad;
    }

    Result<void> stop_session(uint64_t id) override {
        const auto connection = find(id);
        if (!connection) return no_session(id);
        connection->refuse({quic::CloseCode::Ok, "the session was ended at the host"});
        return {};
    }
    Result<void> request_keyframe(uint64_t id) override {
        const auto connection = find(id);
        return connection ? connection->request_keyframe() : no_session(id);
    }
    void take_thumbnail(uint64_t id, stream::ThumbnailRequests::Done done) override {
        const auto connection = find(id);
        if (!connection) return done(no_session(id));
        connection->take_thumbnail(std::move(done));
    }

    [[nodiscard]] std::vector<PendingClient> pending() const override { return pending_clients(context_); }
    Result<PairedClient> approve(uint32_t id, const std::string& name) override {
        return native::approve(context_, id, name);
    }
    Result<PairedClient> deny(uint32_t id) override { return native::deny(context_, id); }

  private:
    [[nodiscard]] std::shared_ptr<NativeConnection> find(uint64_t id) const {
        const auto found = std::ranges::find_if(
            context_.connections, [&](const auto& c) { return c->holds_session() && c->session_id() == id; });
        return found == context_.connections.end() ? nullptr : *found;
    }
    static std::unexpected<Error> no_session(uint64_t id) {
        return fail(ErrorCode::NotAvailable, "there is no session {} any more", id);
    }

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
