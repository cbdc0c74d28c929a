// The one datagram a client sends on the data plane: plaintext, never sealed (spec §4.1).
#pragma once

#include <string_view>

namespace punktfunk::session {

inline constexpr std::string_view kPunch = "PFpunch1";

}  // namespace punktfunk::session
