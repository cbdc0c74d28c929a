#include <netdb.h>

#include <charconv>
#include <cstring>

#include "punktfunk/net/udp_socket.hpp"
#include "transport.hpp"

namespace punktfunk::abi {

namespace {

class UdpTransport final : public Transport {
  public:
    explicit UdpTransport(net::UdpSocket socket) : socket_(std::move(socket)) {}
    size_t send(ByteView arena, size_t size) override { return socket_.send_contiguous(arena, size); }
    Result<size_t> receive(const Sink& sink) override {
        return socket_.receive(std::chrono::milliseconds(0), -1, sink);
    }

  private:
    net::UdpSocket socket_;
};

// `family` AF_UNSPEC takes the first that the name has.
Result<net::Endpoint> resolve(std::string_view text, int family) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0)
        return fail(ErrorCode::InvalidArgument, "'{}' is not an address and a port", text);
    std::string_view name = text.substr(0, colon);
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    uint16_t port = 0;
    const char* end = text.data() + text.size();
    if (const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
        parsed.ec != std::errc{} || parsed.ptr != end)
        return fail(ErrorCode::InvalidArgument, "'{}' does not end in a port", text);
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(std::string(name).c_str(), nullptr, &hints, &list); error != 0)
        return fail(ErrorCode::InvalidArgument, "'{}': {}", text, ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, ::freeaddrinfo);
    net::Endpoint endpoint;
    std::memcpy(&endpoint.storage, list->ai_addr, list->ai_addrlen);
    endpoint.length = list->ai_addrlen;
    endpoint.set_port(port);
    return endpoint;
}

}  // namespace

Result<std::unique_ptr<Transport>> udp_transport(std::string_view local, std::string_view peer) {
    const auto from = resolve(local, AF_UNSPEC);
    if (!from) return std::unexpected(from.error());
    const auto to = resolve(peer, from->storage.ss_family);
    if (!to) return std::unexpected(to.error());
    if (to->port() == 0) return fail(ErrorCode::InvalidArgument, "'{}': nobody can be sent to at port 0", peer);
    auto socket = net::UdpSocket::bind(*from);
    if (!socket) return std::unexpected(std::move(socket.error()));
    if (auto connected = socket->connect(*to); !connected) return std::unexpected(std::move(connected.error()));
    return std::make_unique<UdpTransport>(std::move(*socket));
}

}  // namespace punktfunk::abi
