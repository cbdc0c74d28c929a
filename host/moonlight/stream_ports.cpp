#include "stream_ports.hpp"

#include <algorithm>

#include "endpoint_address.hpp"
#include "punktfunk/http/peer_address.hpp"
#include "udp_listener.hpp"

namespace punktfunk::moonlight {

struct StreamPorts::Port {
    static Result<std::shared_ptr<Port>> open(boost::asio::io_context& io, const boost::asio::ip::address& bind,
                                              uint16_t number) {
        auto listener = UdpListener::open(io, bind, number);
        if (!listener) return std::unexpected(listener.error());
        auto port = std::make_shared<Port>(std::move(*listener));
        port->listener->start(
            [weak = std::weak_ptr(port)](ByteView datagram, const net::Endpoint& from, const net::Endpoint& to) {
                if (const auto self = weak.lock()) self->take(datagram, from, to);
            });
        return port;
    }

    explicit Port(std::shared_ptr<UdpListener> udp) : listener(std::move(udp)) {}
    ~Port() { listener->stop(); }

    void take(ByteView datagram, const net::Endpoint& from, const net::Endpoint& to) {
        const auto ping = gs_media::decode_ping(datagram);
        if (!ping) return;
        std::erase_if(routes, [](const auto& route) { return route.expired(); });
        const auto address = address_of(from);
        for (const auto& waiting : routes) {
            if (const auto route = waiting.lock(); route && route->client().sent(*ping, address))
                route->found(from, to);
        }
    }

    Result<std::shared_ptr<MediaRoute>> expect(const PingSource& client, uint8_t traffic_class) {
        auto shared = listener->sender();
        if (!shared) return std::unexpected(shared.error());
        auto route =
            MediaRoute::create({client.payload, http::unmapped(client.address)}, std::move(*shared), traffic_class);
        if (route) routes.push_back(*route);
        return route;
    }

    std::shared_ptr<UdpListener> listener;
    std::vector<std::weak_ptr<MediaRoute>> routes;  // one for each session that lives
};

StreamPorts::StreamPorts(std::shared_ptr<Port> video, std::shared_ptr<Port> audio)
    : video_(std::move(video)), audio_(std::move(audio)) {}

StreamPorts::~StreamPorts() = default;

Result<std::unique_ptr<StreamPorts>> StreamPorts::create(boost::asio::io_context& io,
                                                         const boost::asio::ip::address& bind,
                                                         const rtsp::Ports& ports) {
    auto video = Port::open(io, bind, ports.video);
    if (!video) return std::unexpected(std::move(video.error()).in("the port for GameStream's video"));
    auto audio = Port::open(io, bind, ports.audio);
    if (!audio) return std::unexpected(std::move(audio.error()).in("the port for GameStream's sound"));
    return std::unique_ptr<StreamPorts>(new StreamPorts(std::move(*video), std::move(*audio)));
}

uint16_t StreamPorts::video_port() const {
    return video_->listener->port();
}

uint16_t StreamPorts::audio_port() const {
    return audio_->listener->port();
}

Result<std::shared_ptr<MediaRoute>> StreamPorts::expect_video(const PingSource& client, uint8_t traffic_class) {
    return video_->expect(client, traffic_class);
}

Result<std::shared_ptr<MediaRoute>> StreamPorts::expect_audio(const PingSource& client, uint8_t traffic_class) {
    return audio_->expect(client, traffic_class);
}

}  // namespace punktfunk::moonlight
