// What games ask of a client's pads, as punktfunk/1's datagrams (spec §5.4, §5.6).
#pragma once

#include <array>
#include <functional>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/gamepad/gamepad_set.hpp"

namespace punktfunk::native {

class GamepadFeedback {
  public:
    // `leases`: the client reads rumble with a count and a time to live (v0.31); the seed's form otherwise.
    GamepadFeedback(bool leases, std::function<void(const Bytes&)> send) : leases_(leases), send_(std::move(send)) {}
    void operator()(uint8_t pad, const gamepad::Feedback& feedback);

  private:
    bool leases_;
    std::function<void(const Bytes&)> send_;
    std::array<uint8_t, gamepad::kMaxPads> next_seq_{};
};

}  // namespace punktfunk::native
