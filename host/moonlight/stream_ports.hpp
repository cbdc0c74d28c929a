// The UDP ports on which every session's video and sound leaves (spec §6.1, §7.1), and who is at the other end of each.
//
// Clients show where they are by pings; what no session waits for is dropped without an answer. Control thread, except
// where it says otherwise.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "media_route.hpp"
#include "punktfunk/rtsp/session.hpp"

namespace punktfunk::moonlight {

class StreamPorts {
  public:
    // Both ports, or an error that names the one that is taken. A port of 0 is any free one. `bind` may be an IPv6
    // wildcard, which takes IPv4 as well.
    static Result<std::unique_ptr<StreamPorts>> create(boost::asio::io_context& io,
                                                       const boost::asio::ip::address& bind, const rtsp::Ports& ports);
    ~StreamPorts();
    StreamPorts(const StreamPorts&) = delete;

    [[nodiscard]] uint16_t video_port() const;
    [[nodiscard]] uint16_t audio_port() const;

    // From now on the client's pings find the route; until it is let go of. What it is sent gets the traffic class.
    [[nodiscard]] Result<std::shared_ptr<MediaRoute>> expect_video(const PingSource& client, uint8_t traffic_class = 0);
    [[nodiscard]] Result<std::shared_ptr<MediaRoute>> expect_audio(const PingSource& client, uint8_t traffic_class = 0);

  private:
    struct Port;
    StreamPorts(std::shared_ptr<Port> video, std::shared_ptr<Port> audio);
    std::shared_ptr<Port> video_, audio_;
};

}  // namespace punktfunk::moonlight
