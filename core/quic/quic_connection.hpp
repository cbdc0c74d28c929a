// One QUIC connection, whichever end it is: ngtcp2's state machine between a datagram socket and the handlers.
//
// ngtcp2 must not be re-entered from its callbacks, and handlers may call anything: callbacks only collect events,
// which are delivered after ngtcp2 has returned. Writes are coalesced into one flush per turn of the event loop.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <variant>
#include <vector>

#include "punktfunk/quic/quic.hpp"
#include "punktfunk/wire/control.hpp"
#include "send_buffer.hpp"
#include "tls.hpp"

namespace punktfunk::quic {

using UdpEndpoint = asio::ip::udp::endpoint;

inline constexpr size_t kConnectionIdBytes = 8;
inline constexpr size_t kMaxUdpPayload = 1472;

ngtcp2_tstamp timestamp();
ngtcp2_cid random_connection_id(size_t length);

struct ConnectionOptions {
    std::chrono::milliseconds idle_timeout;
    std::chrono::milliseconds handshake_timeout;
};

class QuicConnection : public Connection {
  public:
    // What the endpoint that owns the socket does for its connections.
    struct Port {
        std::function<void(ByteView datagram, const UdpEndpoint& to)> send;
        std::function<void(const ngtcp2_cid&)> add_id;  // server: route this destination id here
        std::function<void(const ngtcp2_cid&)> remove_id;
        std::function<void()> finished;  // nothing more will happen: let go of the connection
    };

    QuicConnection(asio::io_context& io, ConnectionOptions options, UdpEndpoint local, UdpEndpoint remote, Port port);
    ~QuicConnection() override;

    // The routes of a server's connection know the connection itself, so they come after it is made.
    void set_port_routes(std::function<void(const ngtcp2_cid&)> add, std::function<void(const ngtcp2_cid&)> remove,
                         std::function<void()> finished) {
        port_.add_id = std::move(add);
        port_.remove_id = std::move(remove);
        port_.finished = std::move(finished);
    }

    Result<void> open_server(const ngtcp2_pkt_hd& initial, const Credentials& credentials);
    Result<void> open_client(const Credentials& credentials, std::optional<crypto::Fingerprint> pin,
                             bool retry_without_alpn);

    // Returns false for a first packet that carried no handshake bytes: the server drops such connections at once.
    bool receive(ByteView datagram, const UdpEndpoint& from);
    // Closes and reports at once, for an endpoint that is going away.
    void shut_down(CloseCode code, std::string_view reason);
    [[nodiscard]] bool established() const { return established_; }

    void set_handlers(Handlers handlers) override { handlers_ = std::move(handlers); }
    void send_message(ByteView payload) override;
    void finish_stream() override;
    bool send_datagram(ByteView datagram) override;
    void close(CloseCode code, std::string_view reason) override;
    [[nodiscard]] std::optional<crypto::Fingerprint> peer_fingerprint() const override { return peer_; }
    [[nodiscard]] UdpEndpoint remote() const override { return remote_; }
    [[nodiscard]] UdpEndpoint local() const override { return local_; }
    [[nodiscard]] bool is_open() const override { return connection_ != nullptr && phase_ == Phase::Open; }
    [[nodiscard]] SteadyClock::time_point last_heard() const override { return last_heard_; }
    [[nodiscard]] std::chrono::microseconds round_trip() const override;
    void set_keep_alive(std::chrono::milliseconds silence) override;

    // For the certificate verification callback.
    static int verify_peer(gnutls_session_t session);

  private:
    friend struct ExtraStream;  // a test's: opens streams that we never do
    enum class Phase { Open, Closing, Draining, Finished };
    struct Established {};
    struct StreamEnd {};
    struct Message {
        Bytes payload;
    };
    struct Datagram {
        Bytes payload;
    };
    struct PathValidated {};
    using Event = std::variant<Established, StreamEnd, Message, Datagram, PathValidated>;

    static ngtcp2_callbacks callbacks(bool server);
    ngtcp2_settings settings() const;
    ngtcp2_transport_params transport_params() const;
    Result<void> start(ngtcp2_conn* connection, TlsSession session);
    bool retry_legacy();

    void deliver();
    void schedule_flush();
    void flush();
    ngtcp2_ssize write_packet(std::span<uint8_t> out, ngtcp2_path& way, bool& progressed);
    void arm_timer();
    void on_timer();
    void on_library_error(int code);
    void enter_closing(const CloseError& error);
    void report(CloseInfo info);
    void finish_after(std::chrono::nanoseconds delay);
    void finish();
    [[nodiscard]] ngtcp2_path path_from(const UdpEndpoint& remote) const;

    asio::io_context& io_;
    ConnectionOptions options_;
    UdpEndpoint local_, remote_;
    UdpEndpoint reported_remote_;  // of the last `moved`
    SteadyClock::time_point last_heard_ = SteadyClock::now();
    Port port_;
    asio::steady_timer timer_;
    asio::steady_timer handshake_timer_;
    Handlers handlers_;

    ngtcp2_crypto_conn_ref reference_{};
    TlsSession session_;
    ngtcp2_conn* connection_ = nullptr;
    const Credentials* credentials_ = nullptr;  // client: for the retry
    std::optional<crypto::Fingerprint> pin_;
    std::optional<crypto::Fingerprint> peer_;
    bool is_server_ = false;
    bool may_retry_ = false;
    bool pin_mismatch_ = false;
    bool established_ = false;
    bool saw_handshake_bytes_ = false;
    bool flush_scheduled_ = false;
    bool reported_ = false;
    Phase phase_ = Phase::Open;

    int64_t stream_id_ = -1;
    bool fin_wanted_ = false, fin_sent_ = false;
    SendBuffer outgoing_;
    wire::MessageFramer framer_;
    std::deque<Bytes> datagrams_;
    size_t datagram_bytes_ = 0;
    std::vector<Event> events_;
    Bytes close_packet_;
};

}  // namespace punktfunk::quic
