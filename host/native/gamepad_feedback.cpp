#include "gamepad_feedback.hpp"

#include "punktfunk/wire/datagram.hpp"

namespace punktfunk::native {

namespace {

// Renewed every 500 ms: two that are lost do not interrupt it, and one that nobody renews ends.
constexpr uint16_t kRumbleTtlMs = 1500;

wire::HidOutput hid_output(uint8_t pad, const gamepad::Lightbar& light) {
    return wire::Lightbar{pad, light.r, light.g, light.b};
}
wire::HidOutput hid_output(uint8_t pad, const gamepad::PlayerLeds& leds) {
    return wire::PlayerLeds{pad, leds.bits};
}
wire::HidOutput hid_output(uint8_t pad, const gamepad::TriggerEffect& trigger) {
    return wire::TriggerEffect{pad, trigger.which, static_cast<uint8_t>(trigger.effect.size()), trigger.effect};
}

}  // namespace

void GamepadFeedback::operator()(uint8_t pad, const gamepad::Feedback& feedback) {
    if (const auto* rumble = std::get_if<gamepad::Rumble>(&feedback)) {
        wire::Rumble datagram{pad, rumble->low, rumble->high};
        const bool stop = *rumble == gamepad::Rumble{};
        if (leases_) datagram.envelope = {next_seq_[pad]++, stop ? uint16_t{0} : kRumbleTtlMs};
        return send_(wire::encode(datagram));
    }
    std::visit(
        [&]<typename Kind>(const Kind& kind) {
            if constexpr (!std::is_same_v<Kind, gamepad::Rumble>) send_(wire::encode(hid_output(pad, kind)));
        },
        feedback);
}

}  // namespace punktfunk::native
