#include "boundary.hpp"

namespace punktfunk::abi {

PunktfunkStatus status_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::InvalidArgument:
            return PUNKTFUNK_STATUS_INVALID_ARG;
        case ErrorCode::NotAvailable:
        case ErrorCode::Unsupported:
            return PUNKTFUNK_STATUS_UNSUPPORTED;
        case ErrorCode::ProtocolViolation:
            return PUNKTFUNK_STATUS_BAD_PACKET;
        case ErrorCode::Crypto:
            return PUNKTFUNK_STATUS_CRYPTO;
        case ErrorCode::Timeout:
            return PUNKTFUNK_STATUS_TIMEOUT;
        case ErrorCode::Closed:
        case ErrorCode::Rejected:
            return PUNKTFUNK_STATUS_CLOSED;
        case ErrorCode::PermissionDenied:
        case ErrorCode::Io:
            return PUNKTFUNK_STATUS_IO;
        case ErrorCode::Exhausted:  // no memory
        case ErrorCode::Internal:
            break;
    }
    return PUNKTFUNK_STATUS_PANIC;
}

}  // namespace punktfunk::abi

uint32_t punktfunk_abi_version(void) {
    return ABI_VERSION;
}
