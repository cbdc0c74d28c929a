#include "enet_link.hpp"

#include <arpa/inet.h>
#include <enet/enet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

#include "punktfunk/gs_control/channels.hpp"

namespace punktfunk::moonlight {

namespace {

constexpr size_t kPeers = 1;
constexpr enet_uint32 kTimeoutLimit = 2, kTimeoutMs = 10'000;  // as the client does (spec §5.1)
// Nobody needs more of a session that is not opened yet, and messages are a few dozen bytes.
constexpr size_t kMostPacket = size_t{4} << 10, kMostWaiting = size_t{256} << 10;

// Everything that comes out of the pair is from the one peer.
constexpr ENetAddress kSomebody{.host = 1, .port = 1};
int name_sender(ENetHost* host, ENetEvent*) {
    host->receivedAddress = kSomebody;
    return 0;
}

}  // namespace

std::optional<uint32_t> connect_data_of(ByteView datagram) {
    constexpr size_t kWithoutTime = offsetof(ENetProtocolHeader, sentTime);
    if (datagram.size() < sizeof(ENetProtocolHeader)) return std::nullopt;
    const auto head = load_be<uint16_t>(datagram.data());
    if ((head & ENET_PROTOCOL_HEADER_FLAG_COMPRESSED) != 0 ||
        (head & ENET_PROTOCOL_MAXIMUM_PEER_ID) != ENET_PROTOCOL_MAXIMUM_PEER_ID)
        return std::nullopt;
    const bool timed = (head & ENET_PROTOCOL_HEADER_FLAG_SENT_TIME) != 0;
    const auto command = datagram.subspan(timed ? sizeof(ENetProtocolHeader) : kWithoutTime);
    if (command.size() < sizeof(ENetProtocolConnect) ||
        (command[0] & ENET_PROTOCOL_COMMAND_MASK) != ENET_PROTOCOL_COMMAND_CONNECT)
        return std::nullopt;
    return load_be<uint32_t>(&command[offsetof(ENetProtocolConnect, data)]);
}

void EnetLink::FreeHost::operator()(_ENetHost* host) const {
    ::enet_host_destroy(host);
}

EnetLink::EnetLink(Events events, std::unique_ptr<_ENetHost, FreeHost> host, UniqueFd outside)
    : events_(std::move(events)), host_(std::move(host)), outside_(std::move(outside)) {}

EnetLink::~EnetLink() = default;

Result<std::unique_ptr<EnetLink>> EnetLink::create(Events events) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return fail_errno(errno, "ENet's socket");
    UniqueFd inside(ends[0]), outside(ends[1]);
    std::unique_ptr<_ENetHost, FreeHost> host(::enet_host_create(nullptr, kPeers, gs_control::kChannelCount, 0, 0));
    if (!host) return fail(ErrorCode::Exhausted, "ENet: out of memory, or of sockets");
    ::enet_socket_destroy(host->socket);
    host->socket = inside.release();
    host->intercept = name_sender;
    host->maximumPacketSize = kMostPacket;
    host->maximumWaitingData = kMostWaiting;
    return std::unique_ptr<EnetLink>(new EnetLink(std::move(events), std::move(host), std::move(outside)));
}

void EnetLink::take(ByteView datagram) {
    if (datagram.empty()) return;  // to the reader it would be the end
    (void)::send(outside_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    service();
}

void EnetLink::service() {
    ENetEvent event;
    while (::enet_host_service(host_.get(), &event, 0) > 0) {
        switch (event.type) {
            case ENET_EVENT_TYPE_CONNECT:
                peer_ = event.peer;
                ::enet_peer_timeout(peer_, kTimeoutLimit, kTimeoutMs, kTimeoutMs);
                events_.connected();
                break;
            case ENET_EVENT_TYPE_RECEIVE: {
                const std::unique_ptr<ENetPacket, decltype(&::enet_packet_destroy)> packet(event.packet,
                                                                                           &::enet_packet_destroy);
                events_.received({packet->data, packet->dataLength});
                break;
            }
            case ENET_EVENT_TYPE_DISCONNECT:
                peer_ = nullptr;
                events_.disconnected();
                break;
            case ENET_EVENT_TYPE_NONE:
                break;
        }
    }
    drain();
}

void EnetLink::drain() {
    for (;;) {
        const auto length = ::recv(outside_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (length <= 0) return;
        events_.send(ByteView(buffer_).first(static_cast<size_t>(length)));
    }
}

bool EnetLink::busy() const {
    return peer_ != nullptr && !enet_list_empty(&peer_->sentReliableCommands);
}

std::optional<std::chrono::milliseconds> EnetLink::round_trip() const {
    // Before anything was acknowledged, ENet supposes 500 ms.
    if (peer_ == nullptr || peer_->lastReceiveTime == 0) return std::nullopt;
    return std::chrono::milliseconds(peer_->roundTripTime);
}

void EnetLink::send(ByteView packet) {
    if (peer_ == nullptr) return;
    ENetPacket* made = ::enet_packet_create(packet.data(), packet.size(), ENET_PACKET_FLAG_RELIABLE);
    if (made == nullptr) return;
    if (::enet_peer_send(peer_, gs_control::kHostChannel, made) < 0) ::enet_packet_destroy(made);
    ::enet_host_flush(host_.get());
    drain();
}

void EnetLink::disconnect_later() {
    if (peer_ == nullptr) return;
    ::enet_peer_disconnect_later(peer_, 0);
    service();
}

void EnetLink::disconnect_now() {
    if (peer_ == nullptr) return;
    ::enet_peer_disconnect_now(std::exchange(peer_, nullptr), 0);
    drain();
}

}  // namespace punktfunk::moonlight
