// The ENet connection to the host and what it carries, sealed (spec §5). One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "punktfunk/gs_control/channels.hpp"
#include "punktfunk/gs_control/cipher.hpp"
#include "punktfunk/gs_control/messages.hpp"

struct _ENetHost;
struct _ENetPeer;

namespace punktfunk::moonlight_client {

class ControlLink {
  public:
    struct Options {
        std::string ip;  // IPv4: this ENet knows no other
        uint16_t port = 0;
        uint32_t connect_data = 0;
        gs_media::StreamKey key;
        gs_control::Scheme scheme = gs_control::Scheme::V2;
    };
    struct Events {
        std::function<void()> connected;
        std::function<void(const gs_control::HostMessage&)> message;
        std::function<void(std::string)> fault;  // what a stock client drops without a word
        std::function<void()> disconnected;
    };
    // Begins to connect.
    static Result<ControlLink> create(const Options& options, Events events);
    ControlLink(ControlLink&&) noexcept = default;
    ~ControlLink();  // without a word to the host

    [[nodiscard]] int fd() const;
    void service();  // whatever is due; never waits
    void send(const gs_control::ClientMessage& message, gs_control::Route route);
    [[nodiscard]] Result<Bytes> seal(ByteView message) { return sealer_.seal(message); }
    // A packet as it is: for what a client must not send.
    void send_raw(ByteView packet, gs_control::Route route);
    // Sends what is queued, says goodbye and waits for the host to hear it, at most `patience`.
    void disconnect(std::chrono::milliseconds patience);

  private:
    struct Free {
        void operator()(_ENetHost* host) const;
    };
    ControlLink(std::unique_ptr<_ENetHost, Free> host, _ENetPeer* peer, gs_control::Sealer sealer,
                gs_control::Opener opener, Events events);
    void take(std::span<uint8_t> packet);

    std::unique_ptr<_ENetHost, Free> host_;
    _ENetPeer* peer_;
    gs_control::Sealer sealer_;
    gs_control::Opener opener_;
    Events events_;
};

}  // namespace punktfunk::moonlight_client
