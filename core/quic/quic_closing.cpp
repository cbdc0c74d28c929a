// How a connection ends: by us, by the peer, by silence, by an error; and what is said of it.
#include <algorithm>
#include <boost/asio/post.hpp>

#include "quic_connection.hpp"

namespace punktfunk::quic {

namespace {

constexpr size_t kReasonBytes = 256;
constexpr uint8_t kAlertAccessDenied = 49, kAlertNoApplicationProtocol = 120;
constexpr uint64_t kCryptoError = 0x100;

// A peer's words, fit for a log line.
std::string printable(const uint8_t* text, size_t length) {
    std::string out;
    for (size_t i = 0; i < std::min(length, kReasonBytes); ++i)
        out += text[i] >= 0x20 && text[i] != 0x7f ? static_cast<char>(text[i]) : ' ';
    return out;
}

}  // namespace

std::string_view to_string(CloseCode code) {
    switch (code) {
        case CloseCode::Ok:
            return "ended";
        case CloseCode::Failed:
            return "failed";
        case CloseCode::Busy:
            return "busy";
        case CloseCode::Quit:
            return "quit";
        case CloseCode::GameExited:
            return "the game has ended";
        case CloseCode::PairingNotArmed:
            return "pairing is not armed";
        case CloseCode::PairingBoundElsewhere:
            return "the pairing window is for another device";
        case CloseCode::PairingRateLimited:
            return "pairing is rate limited";
        case CloseCode::IdentityRequired:
            return "a client certificate is required";
        case CloseCode::Denied:
            return "denied";
        case CloseCode::ApprovalTimedOut:
            return "nobody approved in time";
        case CloseCode::Superseded:
            return "a newer request of the same device took its place";
        case CloseCode::WireVersionMismatch:
            return "wire versions differ";
        case CloseCode::SetupFailed:
            return "session set-up failed";
        case CloseCode::AccessExpired:
            return "access has expired";
        case CloseCode::LaunchNotPermitted:
            return "starting this program is not permitted";
    }
    return "closed";
}

void QuicConnection::on_library_error(int code) {
    if (phase_ != Phase::Open) return;
    if (code == NGTCP2_ERR_DRAINING || in_draining(connection_)) {
        const CloseError error = peer_close_error(connection_);
        const bool tls =
            !is_application(error) && error.error_code >= kCryptoError && error.error_code < kCryptoError + 256;
        if (tls && error.error_code == kCryptoError + kAlertNoApplicationProtocol && retry_legacy()) return;
        CloseInfo info{.by_peer = true,
                       .application = is_application(error),
                       .code = error.error_code,
                       .reason = printable(error.reason, error.reasonlen)};
        if (tls) info.tls_alert = static_cast<uint8_t>(error.error_code - kCryptoError);
        phase_ = Phase::Draining;
        report(std::move(info));
        return finish_after(std::chrono::nanoseconds(ngtcp2_conn_get_pto(connection_)));
    }
    if (code == NGTCP2_ERR_IDLE_CLOSE || code == NGTCP2_ERR_HANDSHAKE_TIMEOUT) {
        phase_ = Phase::Draining;
        report({.application = false, .idle_timeout = true, .reason = "nothing heard from the peer"});
        return finish_after(std::chrono::nanoseconds(0));
    }
    if (code == NGTCP2_ERR_DROP_CONN || code == NGTCP2_ERR_RETRY) {
        phase_ = Phase::Draining;
        report({.application = false, .reason = "not a QUIC handshake"});
        return finish_after(std::chrono::nanoseconds(0));
    }
    CloseError error;
    close_error_default(error);
    CloseInfo info{.application = false, .reason = ngtcp2_strerror(code)};
    if (code == NGTCP2_ERR_CRYPTO) {
        info.tls_alert = pin_mismatch_ ? kAlertAccessDenied : ngtcp2_conn_get_tls_alert(connection_);
        if (pin_mismatch_) info.reason = "the host's certificate is not the pinned one";
        set_tls_alert(error, *info.tls_alert);
        info.code = kCryptoError + *info.tls_alert;
    } else {
        set_library_error(error, code);
        info.code = error.error_code;
    }
    enter_closing(error);
    report(std::move(info));
}

void QuicConnection::close(CloseCode code, std::string_view reason) {
    if (connection_ == nullptr || phase_ != Phase::Open) return;
    const auto keep = shared_from_this();
    CloseError error;
    close_error_default(error);
    const std::string_view cut = reason.substr(0, kReasonBytes);
    set_application_error(error, static_cast<uint64_t>(code), reinterpret_cast<const uint8_t*>(cut.data()), cut.size());
    flush();  // what was queued before the close goes before it
    if (phase_ != Phase::Open) return;
    enter_closing(error);
    // Not from inside the caller's call: it may be in the middle of something.
    asio::post(
        io_, [keep, this, info = CloseInfo{.code = static_cast<uint64_t>(code), .reason = std::string(cut)}]() mutable {
            report(std::move(info));
        });
}

void QuicConnection::enter_closing(const CloseError& error) {
    phase_ = Phase::Closing;
    close_packet_.resize(kMaxUdpPayload);
    ngtcp2_path_storage storage;
    ngtcp2_path_storage_zero(&storage);
    ngtcp2_pkt_info info{};
    const ngtcp2_ssize length = ngtcp2_conn_write_connection_close(
        connection_, &storage.path, &info, close_packet_.data(), close_packet_.size(), &error, timestamp());
    close_packet_.resize(length > 0 ? static_cast<size_t>(length) : 0);
    if (!close_packet_.empty()) port_.send(close_packet_, remote_);
    finish_after(std::chrono::nanoseconds(3 * ngtcp2_conn_get_pto(connection_)));
}

void QuicConnection::shut_down(CloseCode code, std::string_view reason) {
    const auto keep = shared_from_this();
    close(code, reason);
    report({.code = static_cast<uint64_t>(code), .reason = std::string(reason)});
    phase_ = Phase::Finished;
    timer_.cancel();
    handshake_timer_.cancel();
}

void QuicConnection::report(CloseInfo info) {
    if (std::exchange(reported_, true)) return;
    handshake_timer_.cancel();
    // The handlers hold whoever listens, who may hold this: let go of them.
    const Handlers handlers = std::exchange(handlers_, {});
    if (handlers.closed) handlers.closed(info);
}

void QuicConnection::finish_after(std::chrono::nanoseconds delay) {
    timer_.expires_after(delay);
    timer_.async_wait([keep = shared_from_this(), this](boost::system::error_code cancelled) {
        if (!cancelled) finish();
    });
}

void QuicConnection::finish() {
    if (std::exchange(phase_, Phase::Finished) == Phase::Finished) return;
    report({.application = false, .reason = "closed"});
    if (const auto finished = std::exchange(port_.finished, nullptr)) finished();
}

}  // namespace punktfunk::quic
