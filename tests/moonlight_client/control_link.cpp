#include "control_link.hpp"

#include <enet/enet.h>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::moonlight_client {

namespace {

constexpr uint32_t kPatienceMs = 10'000;

uint32_t flags_of(gs_control::Delivery delivery) {
    if (delivery == gs_control::Delivery::Reliable) return ENET_PACKET_FLAG_RELIABLE;
    return delivery == gs_control::Delivery::Unsequenced ? ENET_PACKET_FLAG_UNSEQUENCED : 0;
}

}  // namespace

void ControlLink::Free::operator()(ENetHost* host) const {
    ::enet_host_destroy(host);
}

ControlLink::ControlLink(std::unique_ptr<ENetHost, Free> host, ENetPeer* peer, gs_control::Sealer sealer,
                         gs_control::Opener opener, Events events)
    : host_(std::move(host)),
      peer_(peer),
      sealer_(std::move(sealer)),
      opener_(std::move(opener)),
      events_(std::move(events)) {}
ControlLink::~ControlLink() = default;

Result<ControlLink> ControlLink::create(const Options& options, Events events) {
    auto sealer = gs_control::Sealer::create(options.key, gs_control::Sender::Client, options.scheme);
    auto opener = gs_control::Opener::create(options.key, gs_control::Sender::Host, options.scheme);
    if (!sealer || !opener) return fail(ErrorCode::Crypto, "no cipher for the control stream");
    std::unique_ptr<ENetHost, Free> host(::enet_host_create(nullptr, 1, gs_control::kChannelCount, 0, 0));
    ENetAddress address{};
    if (!host || ::enet_address_set_host_ip(&address, options.ip.c_str()) != 0)
        return fail(ErrorCode::Io, "ENet cannot connect to {}", options.ip);
    address.port = options.port;
    ENetPeer* peer = ::enet_host_connect(host.get(), &address, gs_control::kChannelCount, options.connect_data);
    if (peer == nullptr) return fail(ErrorCode::Exhausted, "ENet has no peer left");
    ::enet_peer_timeout(peer, 2, kPatienceMs, kPatienceMs);
    return ControlLink(std::move(host), peer, std::move(*sealer), std::move(*opener), std::move(events));
}

int ControlLink::fd() const {
    return host_->socket;
}

void ControlLink::service() {
    ENetEvent event;
    while (::enet_host_service(host_.get(), &event, 0) > 0) {
        switch (event.type) {
            case ENET_EVENT_TYPE_CONNECT:
                events_.connected();
                break;
            case ENET_EVENT_TYPE_RECEIVE:
                if (event.channelID != gs_control::kHostChannel) events_.fault("a control packet on another channel");
                take({event.packet->data, event.packet->dataLength});
                ::enet_packet_destroy(event.packet);
                break;
            case ENET_EVENT_TYPE_DISCONNECT:
                events_.disconnected();
                return;
            case ENET_EVENT_TYPE_NONE:
                break;
        }
    }
}

void ControlLink::take(std::span<uint8_t> packet) {
    const auto opened = opener_.open(packet);
    if (!opened) return events_.fault("a control packet that does not open: " + opened.error().message);
    const auto message = gs_control::decode_host_message(*opened);
    if (!message) return events_.fault(message.error().message);
    events_.message(*message);
}

void ControlLink::send(const gs_control::ClientMessage& message, gs_control::Route route) {
    const auto sealed = sealer_.seal(gs_control::encode(message));
    if (sealed) send_raw(*sealed, route);
}

void ControlLink::send_raw(ByteView bytes, gs_control::Route route) {
    ENetPacket* packet = ::enet_packet_create(bytes.data(), bytes.size(), flags_of(route.delivery));
    // Hosts may grant fewer channels than asked for.
    const auto channel = static_cast<enet_uint8>(route.channel < peer_->channelCount ? route.channel : 0);
    if (::enet_peer_send(peer_, channel, packet) != 0) ::enet_packet_destroy(packet);
}

void ControlLink::disconnect(std::chrono::milliseconds patience) {
    ::enet_peer_disconnect_later(peer_, 0);
    const auto deadline = SteadyClock::now() + patience;
    ENetEvent event;
    while (SteadyClock::now() < deadline) {
        if (::enet_host_service(host_.get(), &event, 20) <= 0) continue;
        if (event.type == ENET_EVENT_TYPE_RECEIVE) ::enet_packet_destroy(event.packet);
        if (event.type == ENET_EVENT_TYPE_DISCONNECT) return;
    }
}

}  // namespace punktfunk::moonlight_client
