// Result<T> and Error: how every fallible function of punktfunk answers.
//
// An Error carries a typed code a caller can switch on, and a message for people. Context is added on the way up with
// Error::in(). Decisions are made on the code, never on the text.
#pragma once

#include <fmt/format.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace punktfunk {

enum class ErrorCode {
    InvalidArgument,    // the caller's value is wrong: a flag, a field, a mode
    NotAvailable,       // an optional part is not here (compositor, encoder, daemon); the message says what to install
    PermissionDenied,   // the operating system refused
    ProtocolViolation,  // the peer sent bytes the specification forbids
    Crypto,             // authentication failed: wrong PIN, pin mismatch, bad tag, replay
    Timeout,
    Closed,     // the other end, or this one, has ended it
    Io,         // socket or file error; errno is in the message
    Exhausted,  // a bound was reached (queue, memory, rebuilds, sessions)
    Unsupported,
    Rejected,  // the peer refused, with a typed close code
    Internal,
};

std::string_view to_string(ErrorCode code);

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;

    // Prefixes the message with what was being done: "opening capture: timed out".
    [[nodiscard]] Error in(std::string_view context) && {
        message = fmt::format("{}: {}", context, message);
        return std::move(*this);
    }
};

template <typename T>
using Result = std::expected<T, Error>;

// return fail(ErrorCode::Io, "bind {}: {}", port, reason);
template <typename... Args>
[[nodiscard]] std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
    return std::unexpected(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

// "what: strerror(errno_value)" with the code that fits the errno.
[[nodiscard]] std::unexpected<Error> fail_errno(int errno_value, std::string_view what);

}  // namespace punktfunk
