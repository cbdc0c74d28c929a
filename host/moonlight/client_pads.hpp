// A GameStream client's controllers (spec §5.5, §5.6): the kernel's pads are the ones of punktfunk/1, so events become
// that protocol's, and what games ask becomes control messages. Pure.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "punktfunk/gamepad/gamepad_set.hpp"
#include "punktfunk/gs_control/messages.hpp"
#include "punktfunk/wire/datagram.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::moonlight {

class ClientPads {
  public:
    struct Outlets {
        std::function<void(const wire::InputEvent&)> event;  // for the pads
        std::function<void(const wire::RichInput&)> rich;
        std::function<void(const gs_control::HostMessage&)> send;  // for the client
    };
    explicit ClientPads(Outlets outlets) : outlets_(std::move(outlets)) {}

    // From the client. Nothing for what is not of a controller.
    void take(const gs_control::InputEvent& event);
    // From the pads.
    void tell(uint8_t pad, const gamepad::Feedback& feedback);

    // The client has gone, and the pads stay: what it held is let go.
    void release();
    // It is back, with these: pad n for bit n. The others go.
    void keep_only(uint32_t connected);

  private:
    struct Pad {
        bool connected = false;
        uint8_t seq = 0;
        wire::Motion motion;
        std::array<std::optional<uint32_t>, 2> fingers;  // the client's pointer ids
        std::optional<gamepad::Rumble> rumble;           // told last
        std::optional<gamepad::Lightbar> light;          // told last
    };

    void on(const gs_control::ControllerArrival& arrival);
    void on(const gs_control::ControllerState& state);
    void on(const gs_control::ControllerTouch& touch);
    void on(const gs_control::ControllerMotion& motion);
    void lift(uint8_t pad, size_t finger, float x, float y);
    void remove(uint8_t pad);

    const Outlets outlets_;
    std::array<Pad, gamepad::kMaxPads> pads_;
};

}  // namespace punktfunk::moonlight
