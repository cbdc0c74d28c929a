#include "gamepad_channel.hpp"

#include <boost/asio/post.hpp>

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

// Outlives the channel for as long as something is on its way to the control thread. Used there only.
struct GamepadChannel::Sender {
    bool leases = false;
    std::function<void(const Bytes&)> send;
    std::array<uint8_t, gamepad::kMaxPads> next_seq{};

    void tell(uint8_t pad, const gamepad::Feedback& feedback) {
        if (!send) return;
        if (const auto* rumble = std::get_if<gamepad::Rumble>(&feedback)) {
            wire::Rumble datagram{pad, rumble->low, rumble->high};
            const bool stop = *rumble == gamepad::Rumble{};
            if (leases) datagram.envelope = {next_seq[pad]++, stop ? uint16_t{0} : kRumbleTtlMs};
            return send(wire::encode(datagram));
        }
        std::visit(
            [&]<typename Kind>(const Kind& kind) {
                if constexpr (!std::is_same_v<Kind, gamepad::Rumble>) send(wire::encode(hid_output(pad, kind)));
            },
            feedback);
    }
};

GamepadChannel::GamepadChannel(boost::asio::io_context& io, gamepad::Kind kind, std::string session, bool leases,
                               std::function<void(const Bytes&)> send)
    : sender_(std::make_shared<Sender>(leases, std::move(send))),
      events_(kind),
      pads_(std::move(session), [&io, sender = sender_](uint8_t pad, const gamepad::Feedback& feedback) {
          boost::asio::post(io, [sender, pad, feedback] { sender->tell(pad, feedback); });
      }) {}

GamepadChannel::~GamepadChannel() = default;

void GamepadChannel::close() {
    sender_->send = nullptr;
}

}  // namespace punktfunk::native
