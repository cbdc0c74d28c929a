// What launchers and packages leave on the disk: Steam's text format and .desktop files. The first byte chooses.
#include "desktop_entry.hpp"
#include "require.hpp"
#include "vdf.hpp"

using namespace punktfunk::library;

namespace {

size_t depth_of(const VdfNode& node) {
    size_t depth = 0;
    for (const VdfNode& child : node.children) depth = std::max(depth, depth_of(child) + 1);
    return depth;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    if ((*data & 1) != 0) {
        if (const auto root = parse_vdf(text)) REQUIRE(depth_of(*root) <= 33);
        return 0;
    }
    if (const auto entry = parse_desktop_entry(text)) {
        REQUIRE(!entry->name.empty() && !entry->command.empty() && !entry->command.front().empty());
    }
    return 0;
}
