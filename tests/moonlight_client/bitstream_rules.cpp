#include "bitstream_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace punktfunk::moonlight_client {

namespace {

struct NalUnit {
    size_t at = 0;  // of its start code's 00 00 01
    int type = 0;
};

std::vector<NalUnit> nal_units(Codec codec, ByteView bytes) {
    static constexpr std::array<uint8_t, 3> kStart{0, 0, 1};
    std::vector<NalUnit> found;
    for (auto at = bytes.begin();;) {
        at = std::ranges::search(ByteView(at, bytes.end()), kStart).begin();
        if (bytes.end() - at < 4) return found;
        const uint8_t header = at[3];
        found.push_back(
            {static_cast<size_t>(at - bytes.begin()), codec == Codec::H264 ? header & 0x1F : header >> 1 & 0x3F});
        at += 3;
    }
}

struct Types {
    int delimiter, sei, first_set, last_set, first_slice, last_slice;
};
constexpr Types types_of(Codec codec) {
    if (codec == Codec::H264) return {9, 6, 7, 8, 5, 5};
    return {35, 39, 32, 34, 16, 21};
}

std::vector<NalUnit> without_prefix(Codec codec, ByteView bytes) {
    const Types types = types_of(codec);
    auto units = nal_units(codec, bytes);
    const auto first = std::ranges::find_if(
        units, [&](const NalUnit& unit) { return unit.type != types.delimiter && unit.type != types.sei; });
    units.erase(units.begin(), first);
    return units;
}

}  // namespace

bool begins_with_parameter_sets(Codec codec, ByteView access_unit) {
    const auto units = without_prefix(codec, access_unit);
    return !units.empty() && units.front().type == types_of(codec).first_set;
}

std::optional<std::string> fault_of_idr(Codec codec, ByteView access_unit, size_t first_packet_bytes) {
    const Types types = types_of(codec);
    const auto units = without_prefix(codec, access_unit);
    int expected = types.first_set;
    for (const NalUnit& unit : units) {
        if (unit.type == expected) {
            ++expected;
        } else if (expected > types.last_set && unit.type >= types.first_slice && unit.type <= types.last_slice) {
            if (unit.at + 4 > first_packet_bytes)
                return fmt::format("the first slice begins at byte {}, the first packet has {}", unit.at,
                                   first_packet_bytes);
            return std::nullopt;
        } else if (unit.type != types.sei) {
            return fmt::format("NAL unit {} where {} must be", unit.type, expected);
        }
    }
    return "no slice";
}

}  // namespace punktfunk::moonlight_client
