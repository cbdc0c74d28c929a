// ENet for one peer, without a network: datagrams go in and come out, whatever family of addresses they travel over.
//
// ENet can only read and write a socket, so it gets one end of a socket pair (its IPv4 address in the ENet API says
// nothing then). Sequential packets keep their bounds and, unlike datagrams, take a write that names an address.
// Control thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/base/unique_fd.hpp"

struct _ENetHost;
struct _ENetPeer;

namespace punktfunk::moonlight {

// The data that a client connects with. nullopt when the datagram does not begin a connection.
[[nodiscard]] std::optional<uint32_t> connect_data_of(ByteView datagram);

class EnetLink {
  public:
    struct Events {
        std::function<void(ByteView)> send;  // a datagram for the other end
        std::function<void()> connected;
        std::function<void(std::span<uint8_t>)> received;  // one packet, of whatever channel
        std::function<void()> disconnected;                // by the other end, or after ten seconds without an answer
    };

    static Result<std::unique_ptr<EnetLink>> create(Events events);
    ~EnetLink();
    EnetLink(const EnetLink&) = delete;

    void take(ByteView datagram);
    void service();  // retransmits and pings when it is time
    // Whether something waits for an acknowledgement, so that service() matters within milliseconds.
    [[nodiscard]] bool busy() const;
    [[nodiscard]] bool connected() const { return peer_ != nullptr; }
    // Of what was acknowledged lately. nullopt while nobody is connected.
    [[nodiscard]] std::optional<std::chrono::milliseconds> round_trip() const;

    // Reliably, on channel 0. Nothing while nobody is connected.
    void send(ByteView packet);
    void disconnect_later();  // once everything sent has arrived
    void disconnect_now();

  private:
    struct FreeHost {
        void operator()(_ENetHost* host) const;
    };
    EnetLink(Events events, std::unique_ptr<_ENetHost, FreeHost> host, UniqueFd outside);
    void drain();

    const Events events_;
    std::unique_ptr<_ENetHost, FreeHost> host_;
    UniqueFd outside_;  // our end of the pair
    _ENetPeer* peer_ = nullptr;
    std::array<uint8_t, 4096> buffer_{};  // ENet's largest MTU
};

}  // namespace punktfunk::moonlight
