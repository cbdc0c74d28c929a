// One session's way out of a shared port: a sender of its own on the port's socket, and the client's newest address.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <mutex>
#include <optional>

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/gs_media/ping.hpp"
#include "punktfunk/net/udp_socket.hpp"

namespace punktfunk::moonlight {

// By which a client's pings are known.
struct PingSource {
    std::optional<gs_media::PingPayload> payload;  // absent: the client knows no payload, and is known by its address
    boost::asio::ip::address address;
    [[nodiscard]] bool sent(const gs_media::Ping& ping, const boost::asio::ip::address& from) const;
};

class MediaRoute {
  public:
    // `socket` shares the port's descriptor.
    static Result<std::shared_ptr<MediaRoute>> create(PingSource client, net::UdpSocket socket,
                                                      uint8_t traffic_class = 0);

    [[nodiscard]] const PingSource& client() const { return client_; }
    // Control thread: a ping of the client's came from there, to that address of ours, which it is answered from.
    // Whoever overheard one could send it from anywhere, so only the first may come from another address than the one
    // where the client was before.
    void found(const net::Endpoint& from, const net::Endpoint& to);
    // Any thread.
    [[nodiscard]] bool known() const;

    // The sending thread from here on.
    // Waits for the first ping. Timeout when none comes, Closed when wake_fd becomes readable.
    Result<void> await_client(std::chrono::milliseconds timeout, int wake_fd);
    // Aimed at the newest address; nullptr while there is none.
    net::UdpSocket* socket();

  private:
    MediaRoute(PingSource client, net::UdpSocket socket, UniqueFd arrived, uint8_t traffic_class);

    struct Ends {
        net::Endpoint client, host;
    };

    const PingSource client_;
    net::UdpSocket socket_;
    const uint8_t traffic_class_;
    const UniqueFd arrived_;  // an eventfd: readable from the first ping on
    mutable std::mutex mutex_;
    std::optional<Ends> newest_;                       // taken by the sending thread
    std::optional<boost::asio::ip::address> address_;  // of the newest ping; control thread
    bool known_ = false;
};

}  // namespace punktfunk::moonlight
