#include "punktfunk/net/udp_socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "inbox.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::net {

namespace {

constexpr int kSocketBufferBytes = 32 << 20;
constexpr size_t kSendBatch = 64;
constexpr size_t kGsoSegments = 44;  // 44 x 1472 stays below the 65,507 bytes of one UDP send
constexpr size_t kGsoBytes = 65'000;

// Lost on the way or refused by an ICMP: the network's business (spec §4.1).
bool counts_as_lost(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == ECONNREFUSED || error == ECONNRESET ||
           error == ENOBUFS || error == EHOSTUNREACH || error == ENETUNREACH;
}

// Beyond the kernel's limit for ordinary users where this process may; else the kernel clamps to it. A small buffer
// costs packets, not correctness.
void ask_for_buffer(int fd, int privileged_option, int option) {
    if (::setsockopt(fd, SOL_SOCKET, privileged_option, &kSocketBufferBytes, sizeof kSocketBufferBytes) != 0)
        (void)::setsockopt(fd, SOL_SOCKET, option, &kSocketBufferBytes, sizeof kSocketBufferBytes);
}

// Errors by which kernels and drivers say that they cannot segment.
bool means_no_gso(int error) {
    return error == ENOPROTOOPT || error == EOPNOTSUPP || error == EINVAL || error == EIO || error == EMSGSIZE;
}

}  // namespace

struct UdpSocket::State {
    UniqueFd fd;
    bool gso = true;
    Endpoint peer;  // of length 0 when the socket is connected
    // What goes along with every datagram: where from, and the traffic class.
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))> control{};
    size_t control_bytes = 0;
    SendStats stats;
    std::array<mmsghdr, kSendBatch> out{};
    std::array<iovec, kSendBatch> out_parts{};
    Inbox inbox;
    SteadyClock::time_point filled_at;  // by both clocks, when the inbox was filled
    uint64_t filled_ns = 0;

    bool send_segmented(const uint8_t* data, size_t bytes, size_t size);
    size_t send_batch(std::span<const uint8_t> arena, size_t size);
    void address(msghdr& message) {
        if (peer.length == 0) return;
        message.msg_name = &peer.storage;
        message.msg_namelen = peer.length;
        if (control_bytes == 0) return;
        message.msg_control = control.data();
        message.msg_controllen = control_bytes;
    }
    template <typename Value>
    void add_control(int level, int type, const Value& value) {
        auto* header = reinterpret_cast<cmsghdr*>(control.data() + control_bytes);
        header->cmsg_level = level;
        header->cmsg_type = type;
        header->cmsg_len = CMSG_LEN(sizeof value);
        std::memcpy(CMSG_DATA(header), &value, sizeof value);
        control_bytes += CMSG_SPACE(sizeof value);
    }
    void count_sent(size_t packets, size_t bytes) {
        stats.packets += packets;
        stats.bytes += bytes;
    }
};

UdpSocket::UdpSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

Result<UdpSocket> UdpSocket::bind(const Endpoint& local, UdpOffload offload) {
    auto state = std::make_unique<State>();
    state->gso = offload.send;
    state->fd.reset(::socket(local.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!state->fd) return fail_errno(errno, "UDP socket");
    ask_for_buffer(state->fd.get(), SO_SNDBUFFORCE, SO_SNDBUF);
    ask_for_buffer(state->fd.get(), SO_RCVBUFFORCE, SO_RCVBUF);
    // A kernel without it hands out single datagrams, which are read the same way.
    const int join = 1;
    if (offload.receive) (void)::setsockopt(state->fd.get(), SOL_UDP, UDP_GRO, &join, sizeof join);
    if (local.storage.ss_family == AF_INET6) {  // whatever the system's default is
        const int off = 0;
        (void)::setsockopt(state->fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
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

Result<UdpSocket> UdpSocket::share() const {
    auto state = std::make_unique<State>();
    state->gso = state_->gso;
    state->fd.reset(::fcntl(fd(), F_DUPFD_CLOEXEC, 0));
    if (!state->fd) return fail_errno(errno, "sharing a UDP port");
    return UdpSocket(std::move(state));
}

void UdpSocket::aim(const Endpoint& peer, const Endpoint& local, uint8_t traffic_class) {
    state_->peer = peer;
    state_->control = {};
    state_->control_bytes = 0;
    const bool six = peer.storage.ss_family == AF_INET6;
    const auto& to = reinterpret_cast<const sockaddr_in6&>(peer.storage);
    if (local.length != 0 && six) {
        in6_pktinfo info{.ipi6_addr = reinterpret_cast<const sockaddr_in6&>(local.storage).sin6_addr,
                         .ipi6_ifindex = to.sin6_scope_id};
        state_->add_control(IPPROTO_IPV6, IPV6_PKTINFO, info);
    } else if (local.length != 0) {
        in_pktinfo info{};
        info.ipi_spec_dst = reinterpret_cast<const sockaddr_in&>(local.storage).sin_addr;
        state_->add_control(IPPROTO_IP, IP_PKTINFO, info);
    }
    if (traffic_class == 0) return;
    // IPv4 that goes out of an IPv6 socket is IPv4 all the same.
    if (six && !IN6_IS_ADDR_V4MAPPED(&to.sin6_addr)) {
        state_->add_control(IPPROTO_IPV6, IPV6_TCLASS, int{traffic_class});
    } else {
        state_->add_control(IPPROTO_IP, IP_TOS, int{traffic_class});
    }
}

void UdpSocket::note_destinations() {
    const int on = 1;
    int family = 0;
    socklen_t length = sizeof family;
    (void)::getsockopt(fd(), SOL_SOCKET, SO_DOMAIN, &family, &length);
    // An IPv6 socket tells of IPv4's addresses as mapped ones, and in that form it takes them.
    if (family == AF_INET6) {
        (void)::setsockopt(fd(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    } else {
        (void)::setsockopt(fd(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    }
}

const Endpoint& UdpSocket::destination() const {
    return state_->inbox.destination();
}

int UdpSocket::fd() const {
    return state_->fd.get();
}

UdpSocket::Buffers UdpSocket::buffers() const {
    const auto granted = [&](int option) {
        int bytes = 0;
        socklen_t length = sizeof bytes;
        (void)::getsockopt(fd(), SOL_SOCKET, option, &bytes, &length);
        return static_cast<size_t>(std::max(bytes, 0)) / 2;  // the kernel doubles what it grants, for its own needs
    };
    return {granted(SO_SNDBUF), granted(SO_RCVBUF)};
}

void UdpSocket::stamp_arrivals() {
    const int on = 1;
    (void)::setsockopt(fd(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

SteadyClock::time_point UdpSocket::arrived() const {
    const uint64_t stamp = state_->inbox.arrived_ns();
    // A clock that was set in between makes nonsense of a stamp.
    constexpr uint64_t kLongAgo = 1'000'000'000;
    if (stamp == 0 || stamp > state_->filled_ns || state_->filled_ns - stamp > kLongAgo) return state_->filled_at;
    return state_->filled_at - std::chrono::nanoseconds(state_->filled_ns - stamp);
}

const SendStats& UdpSocket::send_stats() const {
    return state_->stats;
}

bool UdpSocket::send(ByteView datagram) {
    ++state_->stats.system_calls;
    iovec part{const_cast<uint8_t*>(datagram.data()), datagram.size()};
    msghdr message{};
    state_->address(message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    return ::sendmsg(fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) == static_cast<ssize_t>(datagram.size());
}

// One system call for many datagrams of equal length. False when the kernel cannot: the caller sends them the other
// way.
bool UdpSocket::State::send_segmented(const uint8_t* data, size_t bytes, size_t size) {
    alignas(cmsghdr) std::array<char, sizeof control + CMSG_SPACE(sizeof(uint16_t))> with_segment{};
    std::copy_n(control.begin(), control_bytes, with_segment.begin());
    iovec part{const_cast<uint8_t*>(data), bytes};
    msghdr message{};
    address(message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = with_segment.data();
    message.msg_controllen = control_bytes + CMSG_SPACE(sizeof(uint16_t));
    auto* header = reinterpret_cast<cmsghdr*>(with_segment.data() + control_bytes);
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
        address(out[i].msg_hdr);
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

Result<void> UdpSocket::fill(std::chrono::milliseconds timeout, int wake_fd, Endpoint* from) {
    std::array<pollfd, 2> ready{{{fd(), POLLIN, 0}, {wake_fd, POLLIN, 0}}};
    const int polled = ::poll(ready.data(), wake_fd >= 0 ? 2 : 1, static_cast<int>(timeout.count()));
    if (polled < 0 && errno != EINTR) return fail_errno(errno, "poll");
    if (polled <= 0 || ready[0].revents == 0) return {};
    state_->filled_at = SteadyClock::now();
    state_->filled_ns = realtime_ns();
    if (state_->inbox.fill(fd(), from) < 0 && !counts_as_lost(errno) && errno != EINTR)
        return fail_errno(errno, "receiving");
    return {};
}

bool UdpSocket::next_datagram(std::span<uint8_t>& out) {
    while (state_->inbox.next(out)) {
        if (out.size() <= kMaxDatagram) return true;
    }
    return false;
}

}  // namespace punktfunk::net
