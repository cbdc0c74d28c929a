// A WebSocket (RFC 6455), once a request for one was accepted: Exchange::upgrade(). Control thread.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <functional>
#include <string_view>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::http {

class WebSocket {
  public:
    struct Events {
        std::function<void(bool text, ByteView message)> message;
        // The peer has gone, or let us wait too long. Nothing is called after it.
        std::function<void()> closed;
    };
    using Done = std::move_only_function<void()>;  // holds a shared_ptr without allocating

    // Ends the connection without a word, unless a goodbye is on its way; no event is called any more.
    virtual ~WebSocket() = default;

    // The handshake is answered, and messages are read, from now on. Once, before anything is written.
    virtual void open(Events events) = 0;

    // One message in two parts, which must stay until `done` is called (then the kernel has it) or destroyed (the
    // connection has ended before). One at a time. A peer that does not take it within the server's patience is cut
    // off, whatever it sends meanwhile.
    virtual void write(bool text, const std::array<boost::asio::const_buffer, 2>& parts, Done done) = 0;

    // Says goodbye after the message that is being written, and waits for the peer's for a moment. `closed` is not
    // called any more.
    virtual void close(uint16_t code, std::string_view reason) = 0;
};

}  // namespace punktfunk::http
