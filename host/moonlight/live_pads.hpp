// A client's controllers as devices of the kernel, for one session or, where the client wants that (gcpersist), for as
// long as its app runs. Control thread, except for its destruction: that belongs where a GamepadChannel's does.
#pragma once

#include <string>

#include "client_pads.hpp"
#include "punktfunk/gamepad/gamepad_channel.hpp"

namespace punktfunk::moonlight {

class LivePads {
  public:
    LivePads(boost::asio::io_context& io, std::string session)
        : pads_({.event = [this](const wire::InputEvent& event) { channel_.take(event); },
                 .rich = [this](const wire::RichInput& input) { channel_.take(input); },
                 .send =
                     [this](const gs_control::HostMessage& message) {
                         if (send_) send_(message);
                     }}),
          channel_(io, gamepad::Kind::Xbox360, std::move(session),
                   [this](uint8_t pad, const gamepad::Feedback& feedback) { pads_.tell(pad, feedback); }) {}
    LivePads(const LivePads&) = delete;

    // A session begins, whose client has these controllers connected: bit n for controller n.
    void attach(std::function<void(const gs_control::HostMessage&)> send, uint32_t connected) {
        send_ = std::move(send);
        pads_.keep_only(connected);
    }
    void take(const gs_control::InputEvent& event) { pads_.take(event); }
    // Whether the client may have any: those that are there go at once.
    void allow(bool allowed) { channel_.allow(allowed); }
    // It is over: `send` is not called any more.
    void detach() {
        send_ = nullptr;
        pads_.release();
    }
    // Before it is given to another thread to be destroyed.
    void close() { channel_.close(); }

  private:
    std::function<void(const gs_control::HostMessage&)> send_;
    ClientPads pads_;
    gamepad::GamepadChannel channel_;
};

}  // namespace punktfunk::moonlight
