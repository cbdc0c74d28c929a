// HTTP/1.1 and HTTPS on the control thread's event loop: requests in, whole answers or event streams out. What a path
// means is the handler's business.
//
// One thread: everything here runs on the io_context given to listen(). Every wait is bounded, and so is what one
// request and all connections together may take.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/http/web_socket.hpp"

namespace punktfunk::http {

namespace asio = boost::asio;

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;  // as sent: "GET"
    std::string path;    // as sent, up to '?': still percent-encoded
    std::string query;   // as sent, after '?'; may be empty
    Headers headers;
    std::string body;
    asio::ip::tcp::endpoint peer, local;
    bool secure = false;                    // by TLS
    std::optional<Bytes> peer_certificate;  // DER; its owner proved to hold the key, nothing else was checked

    // The first header of that name, whatever its case; empty when there is none.
    [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct Response {
    unsigned status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    Headers headers;
    bool close = false;  // end the connection after it
};

// An answer without an end, such as server-sent events. Lives until it is closed or the peer goes.
class BodyStream {
  public:
    virtual ~BodyStream() = default;
    // False when the peer has gone, or was cut off because it let more than 1 MiB wait. What is being written, and what
    // the stream began with, does not wait.
    virtual bool write(std::string_view data) = 0;
    virtual void close() = 0;
};

// One request and the answer to it. Answer once, now or later, by respond(), stream() or
// upgrade(). Dropping it unanswered ends
// the connection.
class Exchange {
  public:
    virtual ~Exchange() = default;
    [[nodiscard]] virtual const Request& request() const = 0;
    virtual void respond(Response response) = 0;
    // `head`'s body is sent first.
    virtual std::shared_ptr<BodyStream> stream(Response head) = 0;
    // The connection becomes a WebSocket, whose messages from the peer have at most max_message bytes. nullptr when the
    // request is none for one: answer it then.
    virtual std::shared_ptr<WebSocket> upgrade(size_t max_message) = 0;
    // Called at most once, when the peer leaves before it had its whole answer.
    virtual void on_gone(std::function<void()> gone) = 0;
};
using Handler = std::function<void(std::shared_ptr<Exchange>)>;

struct Options {
    asio::ip::tcp::endpoint bind;  // an IPv6 wildcard takes IPv4 as well
    // HTTPS with this certificate, and any client certificate is taken. Empty: plain HTTP.
    std::optional<crypto::Identity> identity;
    size_t max_header_bytes = 16 * 1024;
    size_t max_body_bytes = 1 << 20;
    // Of one request, known by its header before its body is read; empty: max_body_bytes, which stays the most.
    std::function<size_t(std::string_view method, std::string_view path)> body_limit{};
    size_t max_connections = 2048;              // a new one takes the place of the oldest that asks nothing
    std::chrono::seconds request_patience{10};  // TLS handshake; a request, from its first byte to its last
    std::chrono::seconds idle_patience{60};     // between requests
    std::chrono::seconds write_patience{30};    // a peer that takes nothing of its answer
    std::chrono::seconds message_patience{10};  // a peer that does not take all of a WebSocket's message
    // How a request that is no HTTP, or too large, is answered; empty: in plain text.
    std::function<Response(unsigned status, const std::string& why)> refusal{};
};

class Server {
  public:
    virtual ~Server() = default;  // ends every connection
    [[nodiscard]] virtual asio::ip::tcp::endpoint local() const = 0;
    [[nodiscard]] virtual size_t connections() const = 0;

    static Result<std::unique_ptr<Server>> listen(asio::io_context& io, Options options, Handler handler);
};

}  // namespace punktfunk::http
