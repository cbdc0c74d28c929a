#include "punktfunk/net/udp_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace punktfunk::net {

namespace {

constexpr int kSocketBufferBytes = 32 << 20;
constexpr size_t kReceiveBatch = 32;
constexpr size_t kSendBatch = 64;
constexpr size_t kGsoSegments = 44;  // 44 x 1472 stays below the 65,507 bytes of one UDP send
constexpr size_t kGsoBytes = 65'000;
constexpr size_t kReceiveBytes = UdpSocket::kMaxDatagram + 1;  // one more, to tell a datagram that is too long

// Lost on the way or refused by an ICMP: the network's business (spec §4.1).
bool counts_as_lost(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == ECONNREFUSED || error == ECONNRESET ||
           error == ENOBUFS || error == EHOSTUNREACH || error == ENETUNREACH;
}

// Errors by which kernels and drivers say that they cannot segment.
bool means_no_gso(int error) {
    return error == ENOPROTOOPT || error == EOPNOTSUPP || error == EINVAL || error == EIO || error == EMSGSIZE;
}

}  // namespace

Result<Endpoint> Endpoint::parse(std::string_view ip_literal, uint16_t port) {
    const std::string text(ip_literal);
    Endpoint endpoint;
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&endpoint.storage, &v4, sizeof v4);
        endpoint.length = sizeof v4;
        return endpoint;
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&endpoint.storage, &v6, sizeof v6);
        endpoint.length = sizeof v6;
        return endpoint;
    }
    return fail(ErrorCode::InvalidArgument, "'{}' is not an IP address", ip_literal);
}

uint16_t Endpoint::port() const {
    // sin_port and sin6_port lie at the same place.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

void Endpoint::set_port(uint16_t port) {
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
}

bool Endpoint::same_address(const Endpoint& other) const {
    if (storage.ss_family != other.storage.ss_family) return false;
    if (storage.ss_family == AF_INET) {
        return reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr.s_addr ==
               reinterpret_cast<const sockaddr_in*>(&other.storage)->sin_addr.s_addr;
    }
    return std::memcmp(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr,
                       &reinterpret_cast<const sockaddr_in6*>(&other.storage)->sin6_addr, sizeof(in6_addr)) == 0;
}

std::string Endpoint::address_string() const {
    char text[INET6_ADDRSTRLEN] = "";
    const void* address = storage.ss_family == AF_INET6
                              ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr)
                              : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr);
    ::inet_ntop(storage.ss_family, address, text, sizeof text);
    return text;
}

std::string Endpoint::to_string() const {
    return storage.ss_family == AF_INET6 ? fmt::format("[{}]:{}", address_string(), port())
                                         : fmt::format("{}:{}", address_string(), port());
}

struct UdpSocket::State {
    UniqueFd fd;
    bool gso = true;
    SendStats stats;
    std::array<mmsghdr, kSendBatch> out{};
    std::array<iovec, kSendBatch> out_parts{};
    std::vector<uint8_t> in_bytes = std::vector<uint8_t>(kReceiveBatch * kReceiveBytes);
    std::array<mmsghdr, kReceiveBatch> in{};
    std::array<iovec, kReceiveBatch> in_parts{};
    std::array<size_t, kReceiveBatch> accepted{};  // indices of datagrams that are not too long

    bool send_segmented(const uint8_t* data, size_t bytes, size_t size);
    size_t send_batch(std::span<const uint8_t> arena, size_t size);
    void count_sent(size_t packets, size_t bytes) {
        stats.packets += packets;
        stats.bytes += bytes;
    }
};

UdpSocket::UdpSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

Result<UdpSocket> UdpSocket::bind(const Endpoint& local) {
    auto state = std::make_unique<State>();
    state->fd.reset(::socket(local.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!state->fd) return fail_errno(errno, "UDP socket");
    // The kernel clamps to its limits; a small buffer costs packets, not correctness.
    (void)::setsockopt(state->fd.get(), SOL_SOCKET, SO_SNDBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);
    (void)::setsockopt(state->fd.get(), SOL_SOCKET, SO_RCVBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);
    if (::bind(state->fd.get(), reinterpret_cast<const sockaddr*>(&local.storage), local.length) != 0) {
        return fail_errno(errno, "UDP " + local.to_string());
    }
    return UdpSocket(std::move(state));
}

Result<Endpoint> UdpSocket::local_endpoint() const {
    Endpoint local;
    local.length = sizeof local.storage;
    if (::getsockname(fd(), reinterpret_cast<sockaddr*>(&local.storage), &local.length) != 0)
        return fail_errno(errno, "getsockname");
    return local;
}

Result<void> UdpSocket::connect(const Endpoint& peer) {
    if (::connect(fd(), reinterpret_cast<const sockaddr*>(&peer.storage), peer.length) != 0)
        return fail_errno(errno, "UDP to " + peer.to_string());
    return {};
}

int UdpSocket::fd() const {
    return state_->fd.get();
}

const SendStats& UdpSocket::send_stats() const {
    return state_->stats;
}

bool UdpSocket::send(ByteView datagram) {
    ++state_->stats.system_calls;
    return ::send(fd(), datagram.data(), datagram.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
           static_cast<ssize_t>(datagram.size());
}

// One system call for many datagrams of equal length. False when the kernel cannot: the caller sends them the other
// way.
bool UdpSocket::State::send_segmented(const uint8_t* data, size_t bytes, size_t size) {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))] = {};
    iovec part{const_cast<uint8_t*>(data), bytes};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    const auto segment = static_cast<uint16_t>(size);
    std::memcpy(CMSG_DATA(header), &segment, sizeof segment);
    const size_t packets = (bytes + size - 1) / size;
    // An error left by an earlier ICMP is reported once, in place of sending: the second try is the real one.
    for (int attempt = 0; attempt < 2; ++attempt) {
        ++stats.system_calls;
        if (::sendmsg(fd.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
            count_sent(packets, bytes);
            return true;
        }
        if (errno == ECONNREFUSED) {
            ++stats.refused;
            continue;
        }
        break;
    }
    if (means_no_gso(errno)) return false;
    stats.dropped_by_kernel += packets;
    return true;
}

size_t UdpSocket::State::send_batch(std::span<const uint8_t> arena, size_t size) {
    const size_t count = std::min(kSendBatch, (arena.size() + size - 1) / size);
    for (size_t i = 0; i < count; ++i) {
        out_parts[i] = {const_cast<uint8_t*>(arena.data() + i * size), std::min(size, arena.size() - i * size)};
        out[i].msg_hdr = {};
        out[i].msg_hdr.msg_iov = &out_parts[i];
        out[i].msg_hdr.msg_iovlen = 1;
    }
    bool retried = false;
    for (size_t at = 0; at < count;) {
        ++stats.system_calls;
        const int sent = ::sendmmsg(fd.get(), &out[at], static_cast<unsigned>(count - at), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) {
            for (size_t i = at; i < at + static_cast<size_t>(sent); ++i) count_sent(1, out_parts[i].iov_len);
            at += static_cast<size_t>(sent);
            retried = false;
            continue;
        }
        if (errno == EINTR) continue;
        // An ICMP for an earlier packet is reported here, in place of sending this one: try it once more.
        if (errno == ECONNREFUSED && !std::exchange(retried, true)) {
            ++stats.refused;
            continue;
        }
        ++stats.dropped_by_kernel;
        ++at;
        retried = false;
    }
    return count;
}

size_t UdpSocket::send_contiguous(std::span<const uint8_t> arena, size_t size) {
    if (size == 0) return 0;
    const uint64_t before = state_->stats.packets;
    while (!arena.empty()) {
        const size_t segments =
            std::min({kGsoSegments, std::max<size_t>(kGsoBytes / size, 1), (arena.size() + size - 1) / size});
        size_t bytes = std::min(arena.size(), segments * size);
        if (!state_->gso || segments == 1 || !state_->send_segmented(arena.data(), bytes, size)) {
            if (segments > 1) state_->gso = false;
            bytes = std::min(arena.size(), state_->send_batch(arena, size) * size);
        }
        arena = arena.subspan(bytes);
    }
    return static_cast<size_t>(state_->stats.packets - before);
}

Result<size_t> UdpSocket::fill(std::chrono::milliseconds timeout, int wake_fd, Endpoint* from) {
    std::array<pollfd, 2> ready{{{fd(), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    const int polled = ::poll(ready.data(), wake_fd >= 0 ? 2 : 1, static_cast<int>(timeout.count()));
    if (polled < 0 && errno != EINTR) return fail_errno(errno, "poll");
    if (polled <= 0 || ready[0].revents == 0) return size_t{0};
    for (size_t i = 0; i < kReceiveBatch; ++i) {
        state_->in_parts[i] = {state_->in_bytes.data() + i * kReceiveBytes, kReceiveBytes};
        state_->in[i].msg_hdr = {};
        state_->in[i].msg_hdr.msg_iov = &state_->in_parts[i];
        state_->in[i].msg_hdr.msg_iovlen = 1;
        if (from != nullptr) {
            state_->in[i].msg_hdr.msg_name = &from->storage;
            state_->in[i].msg_hdr.msg_namelen = sizeof from->storage;
        }
    }
    const unsigned batch = from != nullptr ? 1 : kReceiveBatch;
    const int received = ::recvmmsg(fd(), state_->in.data(), batch, MSG_DONTWAIT, nullptr);
    if (received < 0) {
        if (counts_as_lost(errno) || errno == EINTR) return size_t{0};
        return fail_errno(errno, "receiving");
    }
    if (from != nullptr && received > 0) from->length = state_->in[0].msg_hdr.msg_namelen;
    size_t count = 0;
    for (int i = 0; i < received; ++i) {
        if (state_->in[static_cast<size_t>(i)].msg_len <= kMaxDatagram)
            state_->accepted[count++] = static_cast<size_t>(i);
    }
    return count;
}

std::span<uint8_t> UdpSocket::batch_datagram(size_t index) {
    const size_t slot = state_->accepted[index];
    return {state_->in_bytes.data() + slot * kReceiveBytes, state_->in[slot].msg_len};
}

}  // namespace punktfunk::net
