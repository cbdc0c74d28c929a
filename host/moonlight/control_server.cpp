#include "control_server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <vector>

#include "endpoint_address.hpp"
#include "enet_link.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/http/peer_address.hpp"
#include "udp_listener.hpp"

namespace punktfunk::moonlight {

namespace {

using namespace std::chrono_literals;
using Udp = boost::asio::ip::udp;

constexpr auto kBusyTick = 10ms, kQuietTick = 100ms;  // ENet retransmits and pings only when it is called
constexpr auto kFarewell = 1s;                        // for what is still to arrive when a session lets go of its peer

Udp::endpoint endpoint_of(const net::Endpoint& peer) {
    return {address_of(peer), peer.port()};
}

// A session's peer, for as long as the session or a farewell needs it.
class Line {
  public:
    static Result<std::shared_ptr<Line>> create(const ControlClient& client, ControlEvents events) {
        auto opener = gs_control::Opener::create(client.key, gs_control::Sender::Client, client.scheme);
        if (!opener) return std::unexpected(opener.error());
        auto sealer = gs_control::Sealer::create(client.key, gs_control::Sender::Host, client.scheme);
        if (!sealer) return std::unexpected(sealer.error());
        return std::make_shared<Line>(client, std::move(events), std::move(*opener), std::move(*sealer));
    }
    Line(const ControlClient& client, ControlEvents events, gs_control::Opener opener, gs_control::Sealer sealer)
        : connect_data_(client.connect_data),
          address_(http::unmapped(client.address)),
          events_(std::move(events)),
          opener_(std::move(opener)),
          sealer_(std::move(sealer)) {}

    // Connect data can be overheard: somebody else's address is good only as long as nobody is there.
    [[nodiscard]] bool lets_in(uint32_t connect_data, const boost::asio::ip::address& from) const {
        if (leaving_ || connect_data != connect_data_) return false;
        return from == address_ || (connect_data_ != 0 && !connected());
    }

    // The client connects from there, to that address of ours; again when it tries again.
    Result<void> begin(const net::Endpoint& from, const net::Endpoint& to, net::UdpSocket socket) {
        was_connected_ = false;
        socket_ = std::move(socket);
        socket_->aim(from, to);
        auto link =
            EnetLink::create({.send = [this](ByteView datagram) { (void)socket_->send(datagram); },
                              .connected = [this] { on_connected(); },
                              .received = [this](std::span<uint8_t> packet) { on_packet(packet); },
                              .disconnected = [this] { call(events_.gone, std::string_view("the client has left")); }});
        if (!link) return std::unexpected(link.error());
        link_ = std::move(*link);
        endpoint_ = endpoint_of(from);
        return {};
    }

    void send(const gs_control::HostMessage& message) {
        if (!connected()) return;
        const auto sealed = sealer_.seal(gs_control::encode(message));
        if (sealed) {
            link_->send(*sealed);
        } else {
            spdlog::warn("a control message: {}", sealed.error().message);
        }
    }

    void leave(SteadyClock::time_point now) {
        leaving_ = now + kFarewell;
        events_ = {};
        if (link_) link_->disconnect_later();
    }
    // A client that is about to be connected is told all the same.
    [[nodiscard]] bool over(SteadyClock::time_point now) const {
        return leaving_ && (!link_ || (was_connected_ && !connected()) || now >= *leaving_);
    }

    [[nodiscard]] bool connected() const { return link_ && link_->connected(); }
    [[nodiscard]] const std::optional<Udp::endpoint>& endpoint() const { return endpoint_; }
    [[nodiscard]] EnetLink& link() { return *link_; }
    [[nodiscard]] std::optional<std::chrono::milliseconds> round_trip() const {
        return link_ ? link_->round_trip() : std::nullopt;
    }
    [[nodiscard]] uint64_t refused() const { return refused_; }

  private:
    // The handler may let go of the peer, and with it of itself.
    template <typename Handler, typename... Args>
    static void call(const Handler& handler, Args&&... args) {
        if (const auto kept = handler) kept(std::forward<Args>(args)...);
    }

    void on_connected() {
        was_connected_ = true;
        if (leaving_) return link_->disconnect_later();
        call(events_.connected);
    }

    void on_packet(std::span<uint8_t> packet) {
        if (leaving_) return;
        const auto opened = opener_.open(packet);
        const auto message = opened ? gs_control::decode_client_message(*opened)
                                    : Result<gs_control::ClientMessage>(std::unexpected(opened.error()));
        if (message) return call(events_.message, *message);
        if (refused_++ == 0)
            spdlog::warn("control from {}: {}; not said again", address_.to_string(), message.error().message);
    }

    const uint32_t connect_data_;
    const boost::asio::ip::address address_;
    ControlEvents events_;
    gs_control::Opener opener_;
    gs_control::Sealer sealer_;
    std::optional<net::UdpSocket> socket_;
    std::unique_ptr<EnetLink> link_;  // since the client connected for the first time
    std::optional<Udp::endpoint> endpoint_;
    bool was_connected_ = false;
    std::optional<SteadyClock::time_point> leaving_;
    uint64_t refused_ = 0;
};

}  // namespace

struct ControlServer::State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& io, std::shared_ptr<UdpListener> udp) : listener(std::move(udp)), timer(io) {}

    void on_datagram(ByteView datagram, const net::Endpoint& from, const net::Endpoint& to) {
        const auto known = connected.find(endpoint_of(from));
        const auto line = known != connected.end() ? known->second : admit(datagram, from, to);
        if (!line) return;
        line->link().take(datagram);
        tick_soon(*line);
    }

    std::shared_ptr<Line> admit(ByteView datagram, const net::Endpoint& from, const net::Endpoint& to) {
        const auto data = connect_data_of(datagram);
        if (!data) return nullptr;
        const auto address = address_of(from);
        const auto found = std::ranges::find_if(lines, [&](const auto& line) { return line->lets_in(*data, address); });
        if (found == lines.end()) return nullptr;
        const auto line = *found;
        if (line->endpoint()) connected.erase(*line->endpoint());
        auto sender = listener->sender();
        const auto begun = sender ? line->begin(from, to, std::move(*sender)) : std::unexpected(sender.error());
        if (!begun) {
            spdlog::warn("control from {}: {}", address.to_string(), begun.error().message);
            return nullptr;
        }
        connected.emplace(endpoint_of(from), line);
        return line;
    }

    void remove(const Line& line) {
        if (line.endpoint()) connected.erase(*line.endpoint());
        std::erase_if(lines, [&](const auto& other) { return other.get() == &line; });
    }

    void let_go(const std::shared_ptr<Line>& line) {
        line->leave(SteadyClock::now());
        if (line->over(SteadyClock::now())) return remove(*line);
        tick_soon(*line);
    }

    void tick_soon(Line& line) {
        if (stopped) return;
        const auto due = SteadyClock::now() + (line.link().busy() ? kBusyTick : kQuietTick);
        if (ticking && timer.expiry() <= due) return;
        ticking = true;
        timer.expires_at(due);
        timer.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
            if (!cancelled) self->tick();
        });
    }

    void tick() {
        ticking = false;
        if (stopped) return;
        const auto now = SteadyClock::now();
        const auto present = connected;  // handlers change it
        for (const auto& [from, line] : present) {
            line->link().service();
            if (line->over(now)) {
                line->link().disconnect_now();
                remove(*line);
            } else {
                tick_soon(*line);
            }
        }
    }

    void stop() {
        stopped = true;
        for (const auto& [from, line] : connected) {
            line->leave(SteadyClock::now());
            line->link().disconnect_now();
        }
        connected.clear();
        lines.clear();
        timer.cancel();
        listener->stop();
    }

    std::shared_ptr<UdpListener> listener;
    boost::asio::steady_timer timer;
    bool ticking = false, stopped = false;
    std::vector<std::shared_ptr<Line>> lines;  // of every session, and of those that say farewell
    std::map<Udp::endpoint, std::shared_ptr<Line>> connected;
};

namespace {

template <typename Server>
class Peer final : public ControlPeer {
  public:
    Peer(std::shared_ptr<Server> server, std::shared_ptr<Line> line)
        : server_(std::move(server)), line_(std::move(line)) {}
    ~Peer() override { server_->let_go(line_); }
    [[nodiscard]] bool connected() const override { return line_->connected(); }
    void send(const gs_control::HostMessage& message) override {
        if (!connected()) return;
        line_->send(message);
        server_->tick_soon(*line_);
    }
    [[nodiscard]] std::optional<std::chrono::milliseconds> round_trip() const override { return line_->round_trip(); }
    [[nodiscard]] uint64_t refused() const override { return line_->refused(); }

  private:
    std::shared_ptr<Server> server_;
    std::shared_ptr<Line> line_;
};

}  // namespace

ControlServer::ControlServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

ControlServer::~ControlServer() {
    state_->stop();
}

Result<std::unique_ptr<ControlServer>> ControlServer::create(boost::asio::io_context& io,
                                                             const boost::asio::ip::address& bind, uint16_t port) {
    auto listener = UdpListener::open(io, bind, port);
    if (!listener) return std::unexpected(std::move(listener.error()).in("the port for GameStream's control"));
    auto state = std::make_shared<State>(io, std::move(*listener));
    state->listener->start(
        [weak = std::weak_ptr(state)](ByteView datagram, const net::Endpoint& from, const net::Endpoint& to) {
            if (const auto self = weak.lock()) self->on_datagram(datagram, from, to);
        });
    return std::unique_ptr<ControlServer>(new ControlServer(std::move(state)));
}

uint16_t ControlServer::port() const {
    return state_->listener->port();
}

Result<std::unique_ptr<ControlPeer>> ControlServer::expect(const ControlClient& client, ControlEvents events) {
    auto line = Line::create(client, std::move(events));
    if (!line) return std::unexpected(line.error());
    state_->lines.push_back(*line);
    return std::make_unique<Peer<State>>(state_, std::move(*line));
}

}  // namespace punktfunk::moonlight
