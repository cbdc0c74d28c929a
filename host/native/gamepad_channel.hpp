// A connection's game controllers: its events in, what games ask of the pads out as datagrams (spec §5.4, §5.6).
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "gamepad_events.hpp"

namespace punktfunk::native {

// Control thread, except for its destruction: that waits for the kernel to take the devices away, and belongs on a
// thread that may.
class GamepadChannel {
  public:
    // `send` is called on the control thread; never after the channel has been closed.
    // `leases`: the client reads rumble with a count and a time to live (v0.31); the seed's form otherwise.
    GamepadChannel(boost::asio::io_context& io, gamepad::Kind kind, std::string session, bool leases,
                   std::function<void(const Bytes&)> send);
    ~GamepadChannel();

    template <typename Event>
    void take(const Event& event) {
        for (const auto& [pad, change] : events_.of(event)) pads_.push(pad, change);
    }
    // Nothing is sent any more.
    void close();

  private:
    struct Sender;
    std::shared_ptr<Sender> sender_;
    GamepadEvents events_;
    gamepad::GamepadSet pads_;
};

}  // namespace punktfunk::native
