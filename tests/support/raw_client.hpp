// A client made of bytes: a control connection on which a test says what it likes, in its own thread and time.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "punktfunk/quic/quic.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::test {

[[nodiscard]] crypto::Identity any_identity();

class RawClient {
  public:
    // Sends `first` once the handshake is done. Without an identity it shows no certificate.
    RawClient(uint16_t port, std::optional<crypto::Identity> identity, Bytes first,
              std::chrono::milliseconds idle_timeout = std::chrono::seconds(20));
    ~RawClient();  // without a word, as a killed one
    RawClient(const RawClient&) = delete;

    // Runs the connection until `condition` holds; false on timeout.
    bool until(std::chrono::milliseconds timeout, const std::function<bool()>& condition);
    void run_for(std::chrono::milliseconds time) {
        (void)until(time, [] { return false; });
    }
    bool until_closed(std::chrono::milliseconds timeout) {
        return until(timeout, [this] { return closed.has_value(); });
    }
    // The next message that has come or comes; empty on timeout or close.
    Bytes next_message(std::chrono::milliseconds timeout);
    void send(ByteView payload) { connection_->send_message(payload); }
    void send(const wire::TypedMessage& message) { send(wire::encode(message)); }
    void send_datagram(ByteView datagram) { (void)connection_->send_datagram(datagram); }
    [[nodiscard]] quic::CloseCode close_code() const {
        return static_cast<quic::CloseCode>(closed ? closed->code : UINT64_MAX);
    }

    std::vector<Bytes> messages;
    std::optional<quic::CloseInfo> closed;

  private:
    boost::asio::io_context io_;
    std::shared_ptr<quic::Connection> connection_;
};

}  // namespace punktfunk::test
