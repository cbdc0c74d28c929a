// How a closed connection reads as an Error: what happened and what to do about it, in one sentence.
#pragma once

#include "punktfunk/base/error.hpp"
#include "punktfunk/quic/quic.hpp"

namespace punktfunk::client {

// Rejected for a refusal, Closed for an end in good order, Crypto for another host than the pinned one, Timeout for
// silence, Io for a connection that failed.
[[nodiscard]] Error error_of(const quic::CloseInfo& info);

}  // namespace punktfunk::client
