#include "tcp.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "address.hpp"

namespace punktfunk::moonlight_client {

Result<TcpStream> TcpStream::connect(const std::string& ip, uint16_t port, std::chrono::milliseconds patience) {
    const auto address = SocketAddress::parse(ip, port);
    if (!address) return std::unexpected(address.error());
    UniqueFd fd(::socket(address->family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return fail_errno(errno, "socket");
    const timeval wait{.tv_sec = patience.count() / 1000, .tv_usec = patience.count() % 1000 * 1000};
    const int on = 1;
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd.get(), address->get(), address->length()) != 0)
        return fail_errno(errno, fmt::format("connect to {} port {}", ip, port));
    return TcpStream(std::move(fd));
}

Result<void> TcpStream::write(ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return fail_errno(errno, "send");
        bytes = bytes.subspan(static_cast<size_t>(sent));
    }
    return {};
}

Result<Bytes> TcpStream::read_to_end(size_t limit) {
    Bytes all;
    std::array<uint8_t, 16384> piece;
    for (;;) {
        const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
        if (got == 0) return all;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return fail(ErrorCode::Timeout, "the host keeps the connection open after {} bytes", all.size());
        if (got < 0) return fail_errno(errno, "recv");
        all.insert(all.end(), piece.begin(), piece.begin() + got);
        if (all.size() > limit) return fail(ErrorCode::ProtocolViolation, "an answer of more than {} bytes", limit);
    }
}

}  // namespace punktfunk::moonlight_client
