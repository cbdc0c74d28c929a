#include "quic_connection.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <tuple>

#include "punktfunk/crypto/random.hpp"

namespace punktfunk::quic {

namespace {

constexpr size_t kDatagramQueueBytes = 1 << 20;
constexpr size_t kDatagramOverhead = 64;  // short header, longest id, frame header, tag
constexpr size_t kMaxFlushPackets = 64;
constexpr uint64_t kStreamWindow = 1'250'000;
// Over all streams. ngtcp2 keeps what comes before its turn, so this is what a peer can make us hold.
constexpr uint64_t kConnectionWindow = 2 * kStreamWindow;

QuicConnection* self(void* user) {
    return static_cast<QuicConnection*>(user);
}

void assign(UdpEndpoint& endpoint, const ngtcp2_addr& address) {
    if (address.addrlen == 0 || address.addrlen > endpoint.capacity()) return;
    std::copy_n(reinterpret_cast<const uint8_t*>(address.addr), address.addrlen,
                reinterpret_cast<uint8_t*>(endpoint.data()));
    endpoint.resize(address.addrlen);
}

}  // namespace

ngtcp2_tstamp timestamp() {
    return static_cast<ngtcp2_tstamp>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count());
}

ngtcp2_cid random_connection_id(size_t length) {
    ngtcp2_cid id{};
    id.datalen = length;
    crypto::random_bytes({id.data, length});
    return id;
}

QuicConnection::QuicConnection(asio::io_context& io, ConnectionOptions options, UdpEndpoint local, UdpEndpoint remote,
                               Port port)
    : io_(io),
      options_(options),
      local_(std::move(local)),
      remote_(std::move(remote)),
      reported_remote_(remote_),
      port_(std::move(port)),
      timer_(io),
      handshake_timer_(io) {
    reference_ = {[](ngtcp2_crypto_conn_ref* reference) { return self(reference->user_data)->connection_; }, this};
}

QuicConnection::~QuicConnection() {
    if (connection_ != nullptr) ngtcp2_conn_del(connection_);
}

int QuicConnection::verify_peer(gnutls_session_t session) {
    auto* reference = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(session));
    QuicConnection* connection = self(reference->user_data);
    const auto fingerprint = quic::peer_fingerprint(session);
    connection->peer_ = fingerprint;
    if (connection->pin_ && fingerprint != connection->pin_) {
        connection->pin_mismatch_ = true;
        return GNUTLS_E_CERTIFICATE_ERROR;
    }
    return 0;
}

ngtcp2_callbacks QuicConnection::callbacks(bool server) {
    ngtcp2_callbacks table{};
    if (server) {
        table.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
    } else {
        table.client_initial = ngtcp2_crypto_client_initial_cb;
        table.recv_retry = ngtcp2_crypto_recv_retry_cb;
    }
    table.recv_crypto_data = [](ngtcp2_conn* conn, auto level, uint64_t offset, const uint8_t* data, size_t length,
                                void* user) {
        self(user)->saw_handshake_bytes_ = true;
        return ngtcp2_crypto_recv_crypto_data_cb(conn, level, offset, data, length, user);
    };
    table.encrypt = ngtcp2_crypto_encrypt_cb;
    table.decrypt = ngtcp2_crypto_decrypt_cb;
    table.hp_mask = ngtcp2_crypto_hp_mask_cb;
    table.update_key = ngtcp2_crypto_update_key_cb;
    table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
    table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
    table.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
    table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
    table.rand = [](uint8_t* out, size_t length, const ngtcp2_rand_ctx*) { crypto::random_bytes({out, length}); };
    table.get_new_connection_id = [](ngtcp2_conn*, ngtcp2_cid* id, uint8_t* token, size_t length, void* user) {
        *id = random_connection_id(length);
        crypto::random_bytes({token, NGTCP2_STATELESS_RESET_TOKENLEN});
        self(user)->port_.add_id(*id);
        return 0;
    };
    table.remove_connection_id = [](ngtcp2_conn*, const ngtcp2_cid* id, void* user) {
        self(user)->port_.remove_id(*id);
        return 0;
    };
    table.handshake_completed = [](ngtcp2_conn*, void* user) {
        QuicConnection* connection = self(user);
        connection->peer_ = quic::peer_fingerprint(connection->session_.get());
        connection->events_.emplace_back(Established{});
        return 0;
    };
    table.recv_stream_data = [](ngtcp2_conn* conn, uint32_t flags, int64_t stream, uint64_t, const uint8_t* data,
                                size_t length, void* user, void*) {
        QuicConnection* connection = self(user);
        ngtcp2_conn_extend_max_stream_offset(conn, stream, length);
        ngtcp2_conn_extend_max_offset(conn, length);
        // The first bidirectional stream is the control stream; others get their credit back and nothing else (§1.1).
        if (connection->is_server_ && connection->stream_id_ < 0 && stream == 0) connection->stream_id_ = 0;
        if (stream != connection->stream_id_) return 0;
        connection->framer_.feed({data, length});
        while (auto payload = connection->framer_.next())
            connection->events_.emplace_back(Message{std::move(*payload)});
        if ((flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0) connection->events_.emplace_back(StreamEnd{});
        return 0;
    };
    table.acked_stream_data_offset = [](ngtcp2_conn*, int64_t stream, uint64_t offset, uint64_t length, void* user,
                                        void*) {
        if (stream == self(user)->stream_id_) self(user)->outgoing_.acknowledge(offset + length);
        return 0;
    };
    // ngtcp2 1.x names the old path too.
    table.path_validation = [](ngtcp2_conn*, uint32_t, const ngtcp2_path*, auto... rest) -> int {
        const std::tuple last(rest...);
        const auto result = std::get<sizeof...(rest) - 2>(last);
        if (result == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS)
            self(std::get<sizeof...(rest) - 1>(last))->events_.emplace_back(PathValidated{});
        return 0;
    };
    table.recv_datagram = [](ngtcp2_conn*, uint32_t, const uint8_t* data, size_t length, void* user) {
        self(user)->events_.emplace_back(Datagram{Bytes(data, data + length)});
        return 0;
    };
    return table;
}

ngtcp2_settings QuicConnection::settings() const {
    ngtcp2_settings settings;
    ngtcp2_settings_default(&settings);
    settings.initial_ts = timestamp();
    settings.max_tx_udp_payload_size = kMaxUdpPayload;
    settings.cc_algo = NGTCP2_CC_ALGO_CUBIC;
    return settings;
}

ngtcp2_transport_params QuicConnection::transport_params() const {
    ngtcp2_transport_params params;
    ngtcp2_transport_params_default(&params);
    params.initial_max_data = kConnectionWindow;
    params.initial_max_stream_data_bidi_local = kStreamWindow;
    params.initial_max_stream_data_bidi_remote = kStreamWindow;
    params.initial_max_stream_data_uni = kStreamWindow;
    params.initial_max_streams_bidi = 100;
    params.initial_max_streams_uni = 100;
    params.max_idle_timeout = static_cast<ngtcp2_duration>(std::chrono::nanoseconds(options_.idle_timeout).count());
    params.max_udp_payload_size = kMaxUdpPayload;
    params.active_connection_id_limit = 5;
    params.max_datagram_frame_size = 65535;
    return params;
}

ngtcp2_path QuicConnection::path_from(const UdpEndpoint& remote) const {
    return {{const_cast<sockaddr*>(local_.data()), static_cast<ngtcp2_socklen>(local_.size())},
            {const_cast<sockaddr*>(remote.data()), static_cast<ngtcp2_socklen>(remote.size())},
            nullptr};
}

Result<void> QuicConnection::start(ngtcp2_conn* connection, TlsSession session) {
    connection_ = connection;
    session_ = std::move(session);
    ngtcp2_conn_set_tls_native_handle(connection_, session_.get());
    set_keep_alive(std::min<std::chrono::milliseconds>(kKeepAlive, options_.idle_timeout / 2));
    return {};
}

std::chrono::microseconds QuicConnection::round_trip() const {
    if (connection_ == nullptr) return {};
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(smoothed_rtt(connection_)));
}

void QuicConnection::set_keep_alive(std::chrono::milliseconds silence) {
    if (!is_open()) return;
    ngtcp2_conn_set_keep_alive_timeout(connection_,
                                       static_cast<ngtcp2_duration>(std::chrono::nanoseconds(silence).count()));
    schedule_flush();
}

Result<void> QuicConnection::open_server(const ngtcp2_pkt_hd& initial, const Credentials& credentials) {
    is_server_ = true;
    auto session = make_server_session(credentials, &reference_);
    if (!session) return std::unexpected(session.error());
    const auto table = callbacks(true);
    const auto config = settings();
    auto params = transport_params();
    set_original_dcid(params, initial.dcid);
    const ngtcp2_cid own = random_connection_id(kConnectionIdBytes);
    const ngtcp2_path where = path_from(remote_);
    ngtcp2_conn* connection = nullptr;
    if (ngtcp2_conn_server_new(&connection, &initial.scid, &own, &where, initial.version, &table, &config, &params,
                               nullptr, this) != 0) {
        return fail(ErrorCode::Internal, "ngtcp2 could not make a server connection");
    }
    port_.add_id(own);
    port_.add_id(initial.dcid);
    handshake_timer_.expires_after(options_.handshake_timeout);
    handshake_timer_.async_wait([weak = weak_from_this(), this](boost::system::error_code cancelled) {
        if (const auto alive = weak.lock(); alive && !cancelled && !established_)
            close(CloseCode::SetupFailed, "handshake took too long");
    });
    return start(connection, std::move(*session));
}

Result<void> QuicConnection::open_client(const Credentials& credentials, std::optional<crypto::Fingerprint> pin,
                                         bool retry_without_alpn) {
    credentials_ = &credentials;
    pin_ = pin;
    may_retry_ = retry_without_alpn;
    auto session = make_client_session(credentials, &reference_, retry_without_alpn ? Alpn::Offer : Alpn::None);
    if (!session) return std::unexpected(session.error());
    const auto table = callbacks(false);
    const auto config = settings();
    const auto params = transport_params();
    const ngtcp2_cid theirs = random_connection_id(18), own = random_connection_id(kConnectionIdBytes);
    const ngtcp2_path where = path_from(remote_);
    ngtcp2_conn* connection = nullptr;
    if (ngtcp2_conn_client_new(&connection, &theirs, &own, &where, NGTCP2_PROTO_VER_V1, &table, &config, &params,
                               nullptr, this) != 0) {
        return fail(ErrorCode::Internal, "ngtcp2 could not make a client connection");
    }
    handshake_timer_.expires_after(options_.handshake_timeout);
    handshake_timer_.async_wait([weak = weak_from_this(), this](boost::system::error_code cancelled) {
        if (const auto alive = weak.lock(); alive && !cancelled && !established_) {
            report({.application = false, .idle_timeout = true, .reason = "no answer from the host"});
            finish_after(std::chrono::nanoseconds(0));
        }
    });
    return start(connection, std::move(*session));
}

// A host of the first generation refuses any ALPN: once more without (§1.2).
bool QuicConnection::retry_legacy() {
    if (!may_retry_ || established_) return false;
    ngtcp2_conn_del(std::exchange(connection_, nullptr));
    session_.reset();
    events_.clear();
    phase_ = Phase::Open;
    return open_client(*credentials_, pin_, false).has_value();
}

bool QuicConnection::receive(ByteView datagram, const UdpEndpoint& from) {
    const auto keep = shared_from_this();
    if (phase_ == Phase::Closing && !close_packet_.empty())
        port_.send(close_packet_, from);  // our close was lost, say it again
    if (phase_ != Phase::Open) return true;
    const ngtcp2_path where = path_from(from);
    const ngtcp2_pkt_info info{};
    const int code = ngtcp2_conn_read_pkt(connection_, &where, &info, datagram.data(), datagram.size(), timestamp());
    // Replies go where ngtcp2 validated the path to.
    if (const ngtcp2_path* active = ngtcp2_conn_get_path(connection_)) assign(remote_, active->remote);
    if (code == 0) last_heard_ = SteadyClock::now();
    if (code != 0) {
        deliver();
        on_library_error(code);
        return saw_handshake_bytes_;
    }
    deliver();
    schedule_flush();
    return saw_handshake_bytes_;
}

void QuicConnection::deliver() {
    // A handler may replace the handlers or close; each event is taken out before it is delivered.
    auto events = std::exchange(events_, {});
    for (auto& event : events) {
        if (reported_) return;
        if (std::holds_alternative<Established>(event)) {
            established_ = true;
            handshake_timer_.cancel();
            if (const auto handler = handlers_.established) handler();
        } else if (auto* message = std::get_if<Message>(&event)) {
            if (const auto handler = handlers_.message) handler(std::move(message->payload));
        } else if (auto* datagram = std::get_if<Datagram>(&event)) {
            if (const auto handler = handlers_.datagram) handler(datagram->payload);
        } else if (std::holds_alternative<PathValidated>(event)) {
            if (std::exchange(reported_remote_, remote_) == remote_) continue;
            if (const auto handler = handlers_.moved) handler(remote_);
        } else if (const auto handler = handlers_.stream_end) {
            handler();
        }
    }
}

void QuicConnection::send_message(ByteView payload) {
    if (!is_open()) return;
    if (!outgoing_.append(wire::frame_message(payload)))
        return close(CloseCode::Failed, "the peer does not read its control stream");
    schedule_flush();
}

void QuicConnection::finish_stream() {
    fin_wanted_ = true;
    schedule_flush();
}

bool QuicConnection::send_datagram(ByteView datagram) {
    if (!is_open() || !established_) return false;
    // One that fits no packet would stand at the head of the queue for ever.
    if (datagram.size() + kDatagramOverhead > ngtcp2_conn_get_path_max_tx_udp_payload_size(connection_)) return false;
    datagrams_.emplace_back(datagram.begin(), datagram.end());
    datagram_bytes_ += datagram.size();
    while (datagram_bytes_ > kDatagramQueueBytes) {
        datagram_bytes_ -= datagrams_.front().size();
        datagrams_.pop_front();
    }
    schedule_flush();
    return true;
}

void QuicConnection::schedule_flush() {
    if (std::exchange(flush_scheduled_, true)) return;
    asio::post(io_, [keep = shared_from_this(), this] {
        flush_scheduled_ = false;
        flush();
    });
}

void QuicConnection::flush() {
    if (!is_open()) return;
    std::array<uint8_t, kMaxUdpPayload> packet{};
    for (size_t count = 0; count < kMaxFlushPackets;) {
        bool progressed = false;
        ngtcp2_path_storage way;
        ngtcp2_path_storage_zero(&way);
        const ngtcp2_ssize length = write_packet(packet, way.path, progressed);
        if (length < 0) return on_library_error(static_cast<int>(length));
        if (length > 0) {
            // A peer's new address is tried out beside the old one.
            UdpEndpoint to = remote_;
            assign(to, way.path.remote);
            port_.send(ByteView(packet).first(static_cast<size_t>(length)), to);
            ++count;
        } else if (!progressed) {
            break;
        }
    }
    ngtcp2_conn_update_pkt_tx_time(connection_, timestamp());
    arm_timer();
}

// One packet of whatever is most urgent. 0 and no progress: nothing to send, or not allowed to yet.
ngtcp2_ssize QuicConnection::write_packet(std::span<uint8_t> out, ngtcp2_path& way, bool& progressed) {
    ngtcp2_pkt_info info{};
    const ngtcp2_tstamp now = timestamp();
    if (!is_server_ && established_ && stream_id_ < 0 && !outgoing_.all_sent()) {
        if (ngtcp2_conn_open_bidi_stream(connection_, &stream_id_, nullptr) != 0) stream_id_ = -1;
    }
    if (established_ && !datagrams_.empty()) {
        ngtcp2_vec payload{datagrams_.front().data(), datagrams_.front().size()};
        int accepted = 0;
        const ngtcp2_ssize length =
            ngtcp2_conn_writev_datagram(connection_, &way, &info, out.data(), out.size(), &accepted,
                                        NGTCP2_WRITE_DATAGRAM_FLAG_NONE, 0, &payload, 1, now);
        const bool impossible = length == NGTCP2_ERR_INVALID_ARGUMENT || length == NGTCP2_ERR_INVALID_STATE;
        if (accepted != 0 || impossible) {
            datagram_bytes_ -= datagrams_.front().size();
            datagrams_.pop_front();
            progressed = true;
        }
        if (impossible) return 0;
        if (length != 0) return length;
    }
    ngtcp2_vec payload{nullptr, 0};
    int64_t stream = -1;
    uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_NONE;
    if (stream_id_ >= 0 && !fin_sent_) {
        payload = outgoing_.unsent();
        if (payload.len > 0 || fin_wanted_) stream = stream_id_;
    }
    // FIN goes with the last chunk, or alone.
    const bool last = stream >= 0 && fin_wanted_ && outgoing_.all_sent(payload.len);
    if (last) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    ngtcp2_ssize taken = -1;
    const ngtcp2_ssize length = ngtcp2_conn_writev_stream(connection_, &way, &info, out.data(), out.size(), &taken,
                                                          flags, stream, &payload, payload.len > 0 ? 1 : 0, now);
    if (taken > 0) outgoing_.advance(static_cast<size_t>(taken));
    if (last && taken >= 0 && static_cast<size_t>(taken) == payload.len && length > 0) fin_sent_ = true;
    if (length == NGTCP2_ERR_STREAM_DATA_BLOCKED || length == NGTCP2_ERR_STREAM_SHUT_WR ||
        length == NGTCP2_ERR_STREAM_NOT_FOUND) {
        if (length != NGTCP2_ERR_STREAM_DATA_BLOCKED) fin_sent_ = true;  // the peer wants no more of it
        return ngtcp2_conn_writev_stream(connection_, &way, &info, out.data(), out.size(), nullptr,
                                         NGTCP2_WRITE_STREAM_FLAG_NONE, -1, nullptr, 0, now);
    }
    return length;
}

void QuicConnection::arm_timer() {
    const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(connection_);
    if (expiry == UINT64_MAX) return (void)timer_.cancel();
    timer_.expires_at(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(expiry)));
    timer_.async_wait([weak = weak_from_this(), this](boost::system::error_code cancelled) {
        if (const auto alive = weak.lock(); alive && !cancelled) on_timer();
    });
}

void QuicConnection::on_timer() {
    if (!is_open()) return;
    const auto keep = shared_from_this();
    if (const int code = ngtcp2_conn_handle_expiry(connection_, timestamp()); code != 0) return on_library_error(code);
    flush();
}

}  // namespace punktfunk::quic
