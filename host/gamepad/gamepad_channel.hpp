// A client's game controllers, whatever protocol it speaks: its events in, what games ask of the pads out (punktfunk/1
// spec §5.4, §5.6).
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "punktfunk/gamepad/gamepad_events.hpp"

namespace punktfunk::gamepad {

// Control thread, except for its destruction: that waits for the kernel to take the devices away, and belongs on a
// thread that may.
class GamepadChannel {
  public:
    // `feedback` is called on the control thread; never after the channel has been closed.
    GamepadChannel(boost::asio::io_context& io, Kind kind, std::string session, GamepadSet::FeedbackHandler feedback);
    ~GamepadChannel();

    template <typename Event>
    void take(const Event& event) {
        for (const auto& [pad, change] : events_.of(event)) pads_.push(pad, change);
    }
    // Without permission every controller is unplugged, and none is plugged in.
    void allow(bool allowed);
    // Nothing is told any more.
    void close();

  private:
    struct Receiver;
    std::shared_ptr<Receiver> receiver_;
    GamepadEvents events_;
    GamepadSet pads_;
};

}  // namespace punktfunk::gamepad
