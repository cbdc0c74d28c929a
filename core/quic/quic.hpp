// The control connection: QUIC on ngtcp2 with GnuTLS, one control stream with framed messages, and datagrams
// (spec §1, §2.1). Everything runs on the io_context of the Server or Client; all methods and handlers are called on
// its thread, no locking. Frames (u16 length) are handled here: handlers see whole payloads.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/crypto/identity.hpp"

namespace punktfunk::quic {

namespace asio = boost::asio;

// Typed application close codes (spec §1.6, §11.4).
enum class CloseCode : uint64_t {
    Ok = 0,
    Failed = 1,
    Busy = 0x42,
    Quit = 0x51,
    GameExited = 0x52,
    PairingNotArmed = 0x60,
    PairingBoundElsewhere = 0x61,
    PairingRateLimited = 0x62,
    IdentityRequired = 0x63,
    Denied = 0x64,
    ApprovalTimedOut = 0x65,
    Superseded = 0x66,
    WireVersionMismatch = 0x67,
    SetupFailed = 0x68,
    AccessExpired = 0x69,
    LaunchNotPermitted = 0x6a,
};
[[nodiscard]] std::string_view to_string(CloseCode code);

struct CloseInfo {
    bool by_peer = false;
    bool application = true;  // false: transport or TLS error, idle timeout
    uint64_t code = 0;
    bool idle_timeout = false;
    std::optional<uint8_t> tls_alert;  // for CRYPTO_ERROR 0x100 + alert
    std::string reason;                // sanitised text from the peer or this side
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    virtual ~Connection() = default;

    struct Handlers {
        std::function<void()> established;           // handshake complete, peer's certificate known
        std::function<void(Bytes payload)> message;  // one control message
        std::function<void()> stream_end;            // FIN on the control stream: not the end of the session
        std::function<void(ByteView datagram)> datagram;
        std::function<void(const CloseInfo&)> closed;  // last call; exactly once
        // The peer sends from another address or port, and has proved that it receives there too (a server's peer).
        std::function<void(const asio::ip::udp::endpoint&)> moved;
    };
    // Replaces the handlers (a server sets them in on_connection). The connection lives until `closed` was called.
    virtual void set_handlers(Handlers handlers) = 0;

    // Queues a framed control message. The client opens the one bidirectional stream with its first message.
    virtual void send_message(ByteView payload) = 0;
    virtual void finish_stream() = 0;
    // Unreliable; dropped when the queue (1 MiB, oldest first) or the path is full. False once closed.
    virtual bool send_datagram(ByteView datagram) = 0;
    virtual void close(CloseCode code, std::string_view reason) = 0;
    // SHA-256 of the peer's leaf certificate; nullopt for a client without one.
    [[nodiscard]] virtual std::optional<crypto::Fingerprint> peer_fingerprint() const = 0;
    [[nodiscard]] virtual asio::ip::udp::endpoint remote() const = 0;
    [[nodiscard]] virtual asio::ip::udp::endpoint local() const = 0;
    [[nodiscard]] virtual bool is_open() const = 0;
    // When the last packet came that looked like the peer's. One that is there is heard of at least every kKeepAlive.
    [[nodiscard]] virtual SteadyClock::time_point last_heard() const = 0;
    // Smoothed, as QUIC measures it; zero once closed.
    [[nodiscard]] virtual std::chrono::microseconds round_trip() const = 0;
    [[nodiscard]] std::chrono::nanoseconds silent_for() const { return SteadyClock::now() - last_heard(); }
    // A PING after so long without traffic (kKeepAlive in the beginning): a peer that is alive answers.
    virtual void set_keep_alive(std::chrono::milliseconds silence) = 0;
};

// A connection without other traffic is asked for a sign of life this often.
inline constexpr std::chrono::milliseconds kKeepAlive{3000};

struct ServerConfig {
    asio::ip::udp::endpoint bind;
    crypto::Identity identity;
    std::chrono::milliseconds idle_timeout{20000};
    size_t max_connections = 64;  // further Initials are answered with Busy (connection refused)
};

class Server {
  public:
    // Called when a handshake has completed; the callee keeps the pointer if it wants it.
    using OnConnection = std::function<void(std::shared_ptr<Connection>)>;
    static Result<std::unique_ptr<Server>> listen(asio::io_context& io, ServerConfig config,
                                                  OnConnection on_connection);
    virtual ~Server() = default;  // closes every connection with Ok "done"
    [[nodiscard]] virtual asio::ip::udp::endpoint local() const = 0;
};

struct ClientConfig {
    asio::ip::udp::endpoint remote;
    std::optional<crypto::Identity> identity;
    std::optional<crypto::Fingerprint> pin;  // absent: trust on first use
    std::chrono::milliseconds idle_timeout{20000};
    std::chrono::milliseconds handshake_timeout{10000};
};

// Offers ALPN pkf1; when the host rejects it (CRYPTO_ERROR 0x178) connects again without. Handlers::closed reports
// failures; a pin mismatch closes with tls_alert 49 (access_denied) and by_peer = false.
[[nodiscard]] Result<std::shared_ptr<Connection>> connect(asio::io_context& io, ClientConfig config,
                                                          Connection::Handlers handlers);

}  // namespace punktfunk::quic
