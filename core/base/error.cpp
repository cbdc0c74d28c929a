#include "punktfunk/base/error.hpp"

#include <cerrno>
#include <system_error>

namespace punktfunk {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument:
            return "invalid argument";
        case ErrorCode::NotAvailable:
            return "not available";
        case ErrorCode::PermissionDenied:
            return "permission denied";
        case ErrorCode::ProtocolViolation:
            return "protocol violation";
        case ErrorCode::Crypto:
            return "authentication failed";
        case ErrorCode::Timeout:
            return "timed out";
        case ErrorCode::Closed:
            return "closed";
        case ErrorCode::Io:
            return "i/o error";
        case ErrorCode::Exhausted:
            return "limit reached";
        case ErrorCode::Unsupported:
            return "unsupported";
        case ErrorCode::Rejected:
            return "rejected by the peer";
        case ErrorCode::Internal:
            return "internal error";
    }
    return "unknown";
}

std::unexpected<Error> fail_errno(int errno_value, std::string_view what) {
    ErrorCode code = ErrorCode::Io;
    if (errno_value == EACCES || errno_value == EPERM || errno_value == EROFS) code = ErrorCode::PermissionDenied;
    if (errno_value == ETIMEDOUT) code = ErrorCode::Timeout;
    return fail(code, "{}: {}", what, std::generic_category().message(errno_value));
}

}  // namespace punktfunk
