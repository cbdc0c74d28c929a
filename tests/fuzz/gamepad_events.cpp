// A client's gamepad datagrams, one after the other, as changes to pads: none for a pad that is not plugged in, and
// what a DualSense reports of them stays a report.
#include "punktfunk/gamepad/gamepad_events.hpp"

#include <algorithm>

#include "dualsense_report.hpp"
#include "require.hpp"

using namespace punktfunk;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t kDatagram = 18;  // the longest that matters
    gamepad::GamepadEvents events(gamepad::Kind::DualSense);
    std::array<bool, gamepad::kMaxPads> plugged{};
    gamepad::DualSenseInput input;
    for (ByteView left(data, size); !left.empty(); left = left.subspan(std::min(kDatagram, left.size()))) {
        const auto datagram = wire::decode_client_datagram(left.first(std::min(kDatagram, left.size())));
        if (!datagram) continue;
        gamepad::GamepadEvents::Changes changes;
        if (const auto* event = std::get_if<wire::InputEvent>(&*datagram)) {
            changes = events.of(*event);
            REQUIRE(changes.empty() || wire::is_gamepad(event->kind));
        } else if (const auto* rich = std::get_if<wire::RichInput>(&*datagram)) {
            changes = events.of(*rich);
        }
        for (const auto& [pad, change] : changes) {
            REQUIRE(pad < gamepad::kMaxPads);
            if (std::holds_alternative<gamepad::Plug>(change)) plugged[pad] = true;
            REQUIRE(plugged[pad]);
            if (std::holds_alternative<gamepad::Unplug>(change)) plugged[pad] = false;
            if (const auto* state = std::get_if<gamepad::State>(&change)) input.set(*state);
            if (const auto* touch = std::get_if<gamepad::Touch>(&change)) input.set(*touch);
            if (const auto* motion = std::get_if<gamepad::Motion>(&change)) input.set(*motion);
        }
        const auto report = input.next_report(std::chrono::nanoseconds(size));
        REQUIRE(report[0] == 0x01 && (report[8] & 0x0f) <= 8);
        for (const size_t at : {33, 37}) {
            REQUIRE((report[at + 1] | (report[at + 2] & 0x0f) << 8) < 1920);
            REQUIRE((report[at + 2] >> 4 | report[at + 3] << 4) < 1080);
        }
    }
    return 0;
}
