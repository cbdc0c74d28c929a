// Points in time as RFC 3339 writes them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace punktfunk::management {

[[nodiscard]] std::string timestamp(std::chrono::system_clock::time_point time);  // UTC, milliseconds
[[nodiscard]] std::string timestamp(int64_t unix_seconds);
// Seconds since the Unix epoch, a fraction cut off; any offset from UTC. Nullopt for anything else, and for days that
// there are none of.
[[nodiscard]] std::optional<int64_t> parse_timestamp(std::string_view text);

}  // namespace punktfunk::management
