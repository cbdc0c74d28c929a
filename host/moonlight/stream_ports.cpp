#include "stream_ports.hpp"

#include <fcntl.h>

#include <algorithm>

#include "peer_address.hpp"

namespace punktfunk::moonlight {

namespace {
constexpr int kBatch = 64;  // datagrams before the control thread does something else
}  // namespace

struct StreamPorts::Port : std::enable_shared_from_this<Port> {
    Port(boost::asio::io_context& io, net::UdpSocket bound) : socket(std::move(bound)), readable(io) {}

    static Result<std::shared_ptr<Port>> open(boost::asio::io_context& io, const boost::asio::ip::address& bind,
                                              uint16_t number) {
        auto local = net::Endpoint::parse(bind.to_string(), number);
        if (!local) return std::unexpected(local.error());
        auto socket = net::UdpSocket::bind(*local, {.receive = false});
        if (!socket) return std::unexpected(socket.error());
        UniqueFd watched(::fcntl(socket->fd(), F_DUPFD_CLOEXEC, 0));
        if (!watched) return fail_errno(errno, local->to_string());
        auto port = std::make_shared<Port>(io, std::move(*socket));
        auto bound = port->socket.local_endpoint();
        if (!bound) return std::unexpected(bound.error());
        port->number = bound->port();
        boost::system::error_code failed;
        port->readable.assign(watched.release(), failed);
        if (failed) return fail(ErrorCode::Io, "{}: {}", local->to_string(), failed.message());
        port->wait();
        return port;
    }

    void wait() {
        readable.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                            [self = shared_from_this()](boost::system::error_code cancelled) {
                                if (cancelled) return;
                                self->read();
                                self->wait();
                            });
    }

    void read() {
        std::erase_if(routes, [](const auto& route) { return route.expired(); });
        for (int i = 0; i < kBatch; ++i) {
            net::Endpoint from;
            const auto got = socket.receive(
                std::chrono::milliseconds(0), -1, [&](std::span<uint8_t> datagram) { take(datagram, from); }, &from);
            if (!got || *got == 0) return;
        }
    }

    void take(ByteView datagram, const net::Endpoint& from) {
        const auto ping = gs_media::decode_ping(datagram);
        if (!ping) return;
        const auto address = address_of(from);
        for (const auto& waiting : routes) {
            if (const auto route = waiting.lock(); route && route->client().sent(*ping, address)) route->found(from);
        }
    }

    Result<std::shared_ptr<MediaRoute>> expect(const PingSource& client) {
        auto shared = socket.share();
        if (!shared) return std::unexpected(shared.error());
        auto route = MediaRoute::create({client.payload, unmapped(client.address)}, std::move(*shared));
        if (route) routes.push_back(*route);
        return route;
    }

    net::UdpSocket socket;
    boost::asio::posix::stream_descriptor readable;
    uint16_t number = 0;
    std::vector<std::weak_ptr<MediaRoute>> routes;  // one for each session that lives
};

StreamPorts::StreamPorts(std::shared_ptr<Port> video, std::shared_ptr<Port> audio)
    : video_(std::move(video)), audio_(std::move(audio)) {}

StreamPorts::~StreamPorts() {
    boost::system::error_code ignored;
    video_->readable.close(ignored);
    audio_->readable.close(ignored);
}

Result<std::unique_ptr<StreamPorts>> StreamPorts::create(boost::asio::io_context& io,
                                                         const boost::asio::ip::address& bind,
                                                         const rtsp::Ports& ports) {
    auto video = Port::open(io, bind, ports.video);
    if (!video) return std::unexpected(std::move(video.error()).in("the port for GameStream's video"));
    auto audio = Port::open(io, bind, ports.audio);
    if (!audio) {
        boost::system::error_code ignored;
        (*video)->readable.close(ignored);
        return std::unexpected(std::move(audio.error()).in("the port for GameStream's sound"));
    }
    return std::unique_ptr<StreamPorts>(new StreamPorts(std::move(*video), std::move(*audio)));
}

uint16_t StreamPorts::video_port() const {
    return video_->number;
}

uint16_t StreamPorts::audio_port() const {
    return audio_->number;
}

Result<std::shared_ptr<MediaRoute>> StreamPorts::expect_video(const PingSource& client) {
    return video_->expect(client);
}

Result<std::shared_ptr<MediaRoute>> StreamPorts::expect_audio(const PingSource& client) {
    return audio_->expect(client);
}

}  // namespace punktfunk::moonlight
