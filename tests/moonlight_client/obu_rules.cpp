#include "obu_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace punktfunk::moonlight_client {

namespace {

constexpr int kSequenceHeader = 1, kTemporalDelimiter = 2, kFrameHeader = 3, kTileGroup = 4, kMetadata = 5, kFrame = 6;

// LEB128, at most eight bytes. nullopt when it goes beyond the end.
std::optional<uint64_t> take_size(ByteView& bytes) {
    uint64_t value = 0;
    for (int i = 0; i < 8 && !bytes.empty(); ++i) {
        const uint8_t byte = bytes.front();
        bytes = bytes.subspan(1);
        value |= uint64_t{byte & 0x7Fu} << (7 * i);
        if ((byte & 0x80) == 0) return value;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::vector<int>> obu_types(ByteView unit) {
    std::vector<int> types;
    while (!unit.empty()) {
        const uint8_t header = unit.front();
        const bool forbidden = (header & 0x81) != 0, extension = (header & 4) != 0, has_size = (header & 2) != 0;
        const size_t header_bytes = extension ? 2 : 1;
        if (forbidden || !has_size || unit.size() < header_bytes) return std::nullopt;
        unit = unit.subspan(header_bytes);
        const auto size = take_size(unit);
        if (!size || *size > unit.size()) return std::nullopt;
        unit = unit.subspan(*size);
        types.push_back(header >> 3 & 0xF);
    }
    return types;
}

bool has_sequence_header(ByteView unit) {
    const auto types = obu_types(unit);
    return types && std::ranges::find(*types, kSequenceHeader) != types->end();
}

std::optional<std::string> fault_of_temporal_unit(ByteView unit) {
    const auto types = obu_types(unit);
    if (!types) return "OBUs that do not end where the frame ends";
    auto at = types->begin();
    const auto next_is = [&](int type) { return at != types->end() && *at == type && (++at, true); };
    const auto fault = [&] { return fmt::format("OBUs {}", fmt::join(*types, " ")); };
    if (!next_is(kTemporalDelimiter)) return fault();
    (void)next_is(kSequenceHeader);
    while (next_is(kMetadata)) {
    }
    if (!next_is(kFrame)) {
        if (!next_is(kFrameHeader) || !next_is(kTileGroup)) return fault();
        while (next_is(kTileGroup)) {
        }
    }
    return at == types->end() ? std::nullopt : std::optional(fault());
}

}  // namespace punktfunk::moonlight_client
