// What a GameStream host's AV1 must be like (spec §6.8). A stock client looks at none of it: it hands over what the
// frame header says is a key frame, to the last byte that it says is there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::moonlight_client {

// The types of the OBUs that a temporal unit consists of, to its last byte. nullopt when it is none.
[[nodiscard]] std::optional<std::vector<int>> obu_types(ByteView unit);
// Whether a sequence header comes before the frame.
[[nodiscard]] bool has_sequence_header(ByteView unit);
// One temporal unit of one frame, with a sequence header in front of it or without one.
[[nodiscard]] std::optional<std::string> fault_of_temporal_unit(ByteView unit);

}  // namespace punktfunk::moonlight_client
