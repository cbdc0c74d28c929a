// A GameStream client's controllers (spec §5.5, §5.6): the kernel's pads are the ones of punktfunk/1, so events become
// that protocol's, and what games ask becomes control messages. Control thread, except for its destruction: that
// belongs where a GamepadChannel's does.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>

#include "punktfunk/gamepad/gamepad_channel.hpp"
#include "punktfunk/gs_control/messages.hpp"

namespace punktfunk::moonlight {

class ClientPads {
  public:
    using Send = std::function<void(const gs_control::HostMessage&)>;
    // `send` is never called after close().
    ClientPads(boost::asio::io_context& io, std::string session, Send send);

    // Nothing for what is not of a controller.
    void take(const gs_control::InputEvent& event);
    void allow(bool allowed) { channel_.allow(allowed); }
    void close();

  private:
    struct Pad {
        uint8_t seq = 0;
        wire::Motion motion;
        std::array<std::optional<uint32_t>, 2> fingers;  // the client's pointer ids
        std::optional<gamepad::Rumble> rumble;           // told last
    };

    void on(const gs_control::ControllerArrival& arrival);
    void on(const gs_control::ControllerState& state);
    void on(const gs_control::ControllerTouch& touch);
    void on(const gs_control::ControllerMotion& motion);
    void tell(uint8_t pad, const gamepad::Feedback& feedback);

    Send send_;
    std::array<Pad, gamepad::kMaxPads> pads_;
    gamepad::GamepadChannel channel_;
};

}  // namespace punktfunk::moonlight
