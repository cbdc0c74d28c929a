// How a closed connection reads as an Error.
#pragma once

#include "punktfunk/base/error.hpp"
#include "punktfunk/quic/quic.hpp"

namespace punktfunk::client {

inline Error error_of(const quic::CloseInfo& info) {
    constexpr uint8_t kAccessDenied = 49;
    if (info.tls_alert == kAccessDenied && !info.by_peer)
        return {ErrorCode::Crypto, "the host is not the one that was paired: its certificate differs from the pin"};
    if (info.idle_timeout) return {ErrorCode::Timeout, info.reason};
    if (info.by_peer && info.application) {
        const auto code = static_cast<quic::CloseCode>(info.code);
        if (code == quic::CloseCode::Ok)
            return {ErrorCode::Closed,
                    info.reason.empty() || info.reason == "done" ? "the host ended the session" : info.reason};
        return {ErrorCode::Rejected, info.reason.empty() ? std::string(quic::to_string(code)) : info.reason};
    }
    return {ErrorCode::Io,
            info.reason.empty() ? fmt::format("the connection failed (QUIC error 0x{:x})", info.code) : info.reason};
}

}  // namespace punktfunk::client
