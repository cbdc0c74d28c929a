// One client's connection: requests one after the other, each answered before the next is read.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <list>

#include "punktfunk/http/server.hpp"

namespace punktfunk::http {

class Connection {
  public:
    virtual ~Connection() = default;
    virtual void start() = 0;
    virtual void abandon() = 0;  // closes it, without a word; nothing of it is called afterwards
    virtual void finish() = 0;   // the same, and takes it out of Shared::connections
    // Nothing is owed to it: it has not asked, or not asked again.
    [[nodiscard]] virtual bool idle() const = 0;
};

// What the connections of one server share. Each keeps it alive.
struct Shared {
    Shared(Options its_options, Handler its_handler)
        : options(std::move(its_options)), handler(std::move(its_handler)) {}
    const Options options;
    const Handler handler;
    std::unique_ptr<asio::ssl::context> tls;             // HTTPS only
    std::list<std::shared_ptr<Connection>> connections;  // the oldest first
    bool closed = false;
};

std::shared_ptr<Connection> make_connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared);

}  // namespace punktfunk::http
