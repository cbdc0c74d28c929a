// What a program writes to a DualSense: only whole reports mean anything, each part once, with the bytes that were
// there.
#include <algorithm>

#include "dualsense_report.hpp"
#include "require.hpp"

using namespace punktfunk;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ByteView report(data, size);
    const auto asked = gamepad::parse_dualsense_output(report);
    REQUIRE(asked.empty() || (size >= 48 && report[0] == 0x02));
    std::array<int, std::variant_size_v<gamepad::Feedback>> seen{};
    for (const auto& part : asked) {
        ++seen[part.index()];
        if (const auto* rumble = std::get_if<gamepad::Rumble>(&part))
            REQUIRE(rumble->low == report[4] << 8 && rumble->high == report[3] << 8);
        if (const auto* leds = std::get_if<gamepad::PlayerLeds>(&part)) REQUIRE(leds->bits < 32);
        if (const auto* light = std::get_if<gamepad::Lightbar>(&part)) REQUIRE(light->b == report[47]);
        if (const auto* trigger = std::get_if<gamepad::TriggerEffect>(&part)) {
            REQUIRE(trigger->which <= 1);
            REQUIRE(std::ranges::equal(trigger->effect, report.subspan(trigger->which == 1 ? 11 : 22, 11)));
        }
    }
    REQUIRE(seen[0] <= 1 && seen[1] <= 1 && seen[2] <= 1 && seen[3] <= 2);
    return 0;
}
