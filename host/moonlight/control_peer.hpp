// One session's end of the control stream. Control thread.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "punktfunk/gs_control/cipher.hpp"
#include "punktfunk/gs_control/messages.hpp"

namespace punktfunk::moonlight {

struct ControlClient {
    uint32_t connect_data = 0;         // 0: the client sends none, and is known by its address
    boost::asio::ip::address address;  // where it made its handshake from
    gs_media::StreamKey key;
    gs_control::Scheme scheme = gs_control::Scheme::V2;
};

// None is called after the peer is gone; each may let go of it.
struct ControlEvents {
    std::function<void()> connected;
    std::function<void(const gs_control::ClientMessage&)> message;  // opened with the key, and for the first time
    std::function<void(std::string_view why)> gone;                 // the client left, or ENet gave it up
};

class ControlPeer {
  public:
    virtual ~ControlPeer() = default;  // disconnects; what was sent before still goes out
    [[nodiscard]] virtual bool connected() const = 0;
    // Reliably, in order. Lost while nobody is connected.
    virtual void send(const gs_control::HostMessage& message) = 0;
    // As ENet measures it. nullopt while nobody is connected.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> round_trip() const = 0;
    // Packets that could not be opened, or came again.
    [[nodiscard]] virtual uint64_t refused() const = 0;
};

}  // namespace punktfunk::moonlight
