// RTSP's sockets (spec §4.1): one request a connection, one whole answer, then the end of ours, then theirs. A
// connection that is closed with bytes unread would be reset, and the client would lose its answer.
//
// One thread: the io_context's. Bounded: connections, what one may send, how long it may take. Who has not finished its
// request when a new one needs the place has to go.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/rtsp/request_reader.hpp"

namespace punktfunk::moonlight {

// nullopt: nothing is answered, the connection is closed.
using RtspHandler =
    std::function<std::optional<Bytes>(const rtsp::Received& request, const boost::asio::ip::address& peer)>;

struct RtspOptions {
    boost::asio::ip::tcp::endpoint bind;  // an IPv6 wildcard takes IPv4 as well
    size_t max_connections = 64;
    std::chrono::seconds patience{10};  // for the whole request, and for the answer to be taken
};

class RtspListener {
  public:
    static Result<std::unique_ptr<RtspListener>> listen(boost::asio::io_context& io, RtspOptions options,
                                                        RtspHandler handler);
    virtual ~RtspListener() = default;  // ends every connection
    [[nodiscard]] virtual boost::asio::ip::tcp::endpoint local() const = 0;
    [[nodiscard]] virtual size_t connections() const = 0;
};

}  // namespace punktfunk::moonlight
