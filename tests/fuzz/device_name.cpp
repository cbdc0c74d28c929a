// A peer's name for itself: always a short, plain line afterwards. nlohmann's UTF-8 check is the second opinion on
// ours.
#include "punktfunk/wire/device_name.hpp"

#include <nlohmann/json.hpp>

#include "require.hpp"
#include "utf8.hpp"

using namespace punktfunk;

namespace {
bool json_accepts(std::string_view text) {
    try {
        (void)nlohmann::json(text).dump();
        return true;
    } catch (const nlohmann::json::exception&) {
        return false;
    }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    const bool good = json_accepts(raw);
    REQUIRE(wire::is_utf8(raw) == good);
    const std::string_view cut = wire::cut_at_character(raw, size / 2);
    REQUIRE(cut.size() <= size / 2 && (!good || wire::is_utf8(cut)));

    const std::string name = wire::sanitize_device_name(raw, {});
    REQUIRE(!name.empty() && name.size() <= 64 && json_accepts(name));
    REQUIRE(name.front() != ' ' && name.back() != ' ' && name.find("  ") == std::string::npos);
    for (const char c : name) REQUIRE(static_cast<uint8_t>(c) >= 0x20 && c != 0x7f);
    REQUIRE(wire::sanitize_device_name(name, {}) == name);
    return 0;
}
