// The HTTP server on a real connection that says anything: what its handler sees is a request within bounds, and every
// connection ends.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/http/server.hpp"
#include "require.hpp"

using namespace punktfunk;

namespace {

constexpr size_t kMaxHeader = 1024, kMaxBody = 256;
size_t handled = 0;

void handle(const std::shared_ptr<http::Exchange>& exchange) {
    const http::Request& request = exchange->request();
    ++handled;
    REQUIRE(!request.method.empty() && request.path.starts_with('/') && !request.secure && !request.peer_certificate);
    REQUIRE(request.path.find('?') == std::string::npos && request.body.size() <= kMaxBody);
    size_t header = request.method.size() + request.path.size() + request.query.size();
    for (const auto& [name, value] : request.headers) {
        header += name.size() + value.size();
        REQUIRE(name.find_first_of("\r\n") == std::string::npos && value.find_first_of("\r\n") == std::string::npos);
    }
    REQUIRE(header <= kMaxHeader);
    exchange->respond({.body = request.path, .headers = {}, .close = request.body.size() % 2 != 0});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static boost::asio::io_context io;
    static const auto server = http::Server::listen(io,
                                                    {.bind = {boost::asio::ip::address_v4::loopback(), 0},
                                                     .identity = {},
                                                     .max_header_bytes = kMaxHeader,
                                                     .max_body_bytes = kMaxBody},
                                                    handle)
                                   .value();
    const UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server->local().port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    (void)::send(client.get(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(client.get(), SHUT_WR);
    handled = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    bool seen = false;
    while (!seen || server->connections() > 0) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        io.run_one_for(std::chrono::milliseconds(100));
        seen = seen || server->connections() > 0;
        std::array<char, 4096> answer;
        while (::recv(client.get(), answer.data(), answer.size(), MSG_DONTWAIT) > 0) {
        }
    }
    REQUIRE(handled <= size);
    // No socket waits for late packets: there would be thousands of them.
    const linger now{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    return 0;
}
