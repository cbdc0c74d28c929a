// An ENet client for this folder's tests, as stock clients connect.
#pragma once

#include <enet/enet.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/gs_control/channels.hpp"
#include "punktfunk/gs_control/cipher.hpp"
#include "punktfunk/gs_control/messages.hpp"

namespace punktfunk::moonlight {

class EnetClient {
  public:
    // `from` is the client's own address; nullptr: any.
    EnetClient(uint16_t port, uint32_t connect_data, const char* host = "127.0.0.1", const char* from = nullptr) {
        ENetAddress own{.host = ENET_HOST_ANY, .port = 0};
        if (from != nullptr) ::enet_address_set_host_ip(&own, from);
        host_.reset(::enet_host_create(&own, 1, 48, 0, 0));
        ENetAddress address{.host = 0, .port = port};
        ::enet_address_set_host_ip(&address, host);
        peer_ = ::enet_host_connect(host_.get(), &address, gs_control::kChannelCount, connect_data);
    }

    // Asks for an acknowledgement; has_answer() once it is there: the host has then heard all that was sent before.
    void ask() {
        ::enet_peer_ping(peer_);
        ::enet_host_flush(host_.get());
    }
    [[nodiscard]] bool has_answer() const { return enet_list_empty(&peer_->sentReliableCommands); }

    // Whatever is due; never waits.
    void service() {
        ENetEvent event;
        while (::enet_host_service(host_.get(), &event, 0) > 0) {
            if (event.type == ENET_EVENT_TYPE_CONNECT) connected = true;
            if (event.type == ENET_EVENT_TYPE_DISCONNECT) disconnected = true;
            if (event.type == ENET_EVENT_TYPE_RECEIVE) {
                packets.emplace_back(event.packet->data, event.packet->data + event.packet->dataLength);
                ::enet_packet_destroy(event.packet);
            }
        }
    }
    void send(ByteView packet, uint8_t channel) {
        ::enet_peer_send(peer_, channel, ::enet_packet_create(packet.data(), packet.size(), ENET_PACKET_FLAG_RELIABLE));
    }
    void leave() { ::enet_peer_disconnect(peer_, 0); }
    [[nodiscard]] size_t channels() const { return peer_->channelCount; }

    bool connected = false, disconnected = false;
    std::vector<Bytes> packets;

  private:
    struct Free {
        void operator()(ENetHost* host) const { ::enet_host_destroy(host); }
    };
    std::unique_ptr<ENetHost, Free> host_;
    ENetPeer* peer_;
};

}  // namespace punktfunk::moonlight
