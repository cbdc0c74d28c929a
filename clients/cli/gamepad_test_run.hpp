// `connect --gamepad-test`: a controller that nobody holds. Presses each button, moves each stick and trigger, on a
// DualSense touches and turns too, over and over; and prints what the host's games ask of it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/client/native_client.hpp"

namespace punktfunk::cli {

// One thing after another, all released at the end. With `states` as v0.31's whole states, which begin with an arrival;
// otherwise as the seed's single events.
using GamepadStep = std::variant<wire::InputEvent, wire::RichInput>;
[[nodiscard]] std::vector<GamepadStep> gamepad_steps(wire::Gamepad kind, bool states);

class GamepadTestRun {
  public:
    explicit GamepadTestRun(client::NativeClient& connection);
    // Sends what is due, prints what has come.
    void turn(SteadyClock::time_point now);
    // "controller: 31 steps, 4 rumble messages, 2 HID outputs"
    [[nodiscard]] std::string text() const;

  private:
    void send(const GamepadStep& step);
    void listen();

    client::NativeClient& connection_;
    std::vector<GamepadStep> steps_;
    size_t done_ = 0, rumbles_ = 0, outputs_ = 0;
    uint8_t seq_ = 0;
    SteadyClock::time_point next_;
    std::string shown_;  // the rumble that was printed last: the host repeats it
};

}  // namespace punktfunk::cli
