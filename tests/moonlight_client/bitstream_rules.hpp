// What a stock client's scan of a frame's first packet demands of H.264 and HEVC (spec §6.8): it never looks further.
#pragma once

#include <optional>
#include <string>

#include "punktfunk/base/bytes.hpp"
#include "sdp.hpp"

namespace punktfunk::moonlight_client {

// Whether the first NAL unit that is neither access unit delimiter nor SEI is the parameter set that begins an IDR.
[[nodiscard]] bool begins_with_parameter_sets(Codec codec, ByteView access_unit);
// What is wrong with an IDR frame whose first packet carries so many bytes of it; nullopt when nothing is.
[[nodiscard]] std::optional<std::string> fault_of_idr(Codec codec, ByteView access_unit, size_t first_packet_bytes);

}  // namespace punktfunk::moonlight_client
