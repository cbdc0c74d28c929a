// A device's name as a peer sent it, made fit to be stored and shown (spec §3.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace punktfunk::wire {

inline constexpr size_t kMaxDeviceName = 64;  // bytes

// At most kMaxDeviceName of one line: control and direction-changing characters dropped, white space folded, cut at a
// character boundary. Empty becomes "device " and the first 8 hex digits of the fingerprint.
[[nodiscard]] std::string sanitize_device_name(std::string_view raw, const std::array<uint8_t, 32>& fingerprint);

}  // namespace punktfunk::wire
