// A client's input packets all the way to the desktop and the pads: nothing is released that is not held, and nothing
// is held beyond bounds.
#include <algorithm>
#include <set>

#include "client_input.hpp"
#include "client_pads.hpp"
#include "punktfunk/gamepad/gamepad_events.hpp"
#include "require.hpp"

using namespace punktfunk;
namespace gs = gs_control;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::set<uint32_t> fingers;
    moonlight::ClientInput input([&](const wire::InputEvent& event) {
        using enum wire::InputKind;
        REQUIRE(!wire::is_gamepad(event.kind));
        if (event.kind == TouchDown) fingers.insert(event.code);
        if (event.kind == TouchMove || event.kind == TouchUp) REQUIRE(fingers.contains(event.code));
        if (event.kind == TouchUp) fingers.erase(event.code);
        REQUIRE(fingers.size() <= 32);
        if (event.kind != MouseMoveAbs) return;
        REQUIRE(event.x >= 0 && event.y >= 0);
        REQUIRE(static_cast<uint32_t>(event.x) <= event.flags >> 16 &&
                static_cast<uint32_t>(event.y) <= (event.flags & 0xffff));
    });
    gamepad::GamepadEvents kernel(gamepad::Kind::Xbox360);
    std::array<bool, gamepad::kMaxPads> plugged{};
    std::array<uint32_t, gamepad::kMaxPads> buttons{};
    std::array<std::array<bool, 2>, gamepad::kMaxPads> touched{};
    const auto follow = [&](const gamepad::GamepadEvents::Changes& changes) {
        for (const auto& [pad, change] : changes) {
            REQUIRE(pad < gamepad::kMaxPads);
            if (std::holds_alternative<gamepad::Plug>(change)) plugged[pad] = true;
            REQUIRE(plugged[pad]);
            if (std::holds_alternative<gamepad::Unplug>(change))
                plugged[pad] = false, buttons[pad] = 0, touched[pad] = {};
            if (const auto* state = std::get_if<gamepad::State>(&change)) buttons[pad] = state->buttons;
            if (const auto* touch = std::get_if<gamepad::Touch>(&change)) touched[pad][touch->finger] = touch->active;
        }
    };
    moonlight::ClientPads pads({.event = [&](const auto& event) { follow(kernel.of(event)); },
                                .rich = [&](const auto& rich) { follow(kernel.of(rich)); },
                                .send =
                                    [&](const gs::HostMessage& message) {
                                        REQUIRE(gs::decode_host_message(gs::encode(message)) == message);
                                    }});
    ByteView left(data, size);
    while (!left.empty()) {
        const auto event = gs::take_input(left);
        if (!event) continue;
        input.take(*event);
        pads.take(*event);
    }
    pads.release();
    REQUIRE(std::ranges::all_of(buttons, [](uint32_t held) { return held == 0; }));
    for (const auto& pad : touched) REQUIRE(!pad[0] && !pad[1]);
    pads.keep_only(0);
    REQUIRE(std::ranges::none_of(plugged, std::identity{}));
    return 0;
}
