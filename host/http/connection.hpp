// One client's connection: requests one after the other, each answered before the next is read.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "punktfunk/http/server.hpp"
#include "punktfunk/http/tcp_listener.hpp"

namespace punktfunk::http {

// What the connections of one server share. Each keeps it alive.
struct Shared {
    Shared(Options its_options, Handler its_handler)
        : options(std::move(its_options)), handler(std::move(its_handler)) {}
    const Options options;
    const Handler handler;
    std::unique_ptr<asio::ssl::context> tls;  // HTTPS only
};

std::shared_ptr<TcpConnection> make_connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared);

}  // namespace punktfunk::http
