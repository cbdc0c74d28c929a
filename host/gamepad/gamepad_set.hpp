// The pads of one session. It owns one thread, pf-pads, which lives from the first pad on: devices are made, fed,
// listened to and destroyed there. Pads do not belong to a display: they stay through mode switches and rebuilds.
#pragma once

#include <array>
#include <mutex>
#include <thread>
#include <vector>

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/gamepad/gamepad.hpp"

namespace punktfunk::gamepad {

inline constexpr size_t kMaxPads = 16;

struct Plug {
    Kind kind = Kind::Xbox360;
    bool operator==(const Plug&) const = default;
};
struct Unplug {
    bool operator==(const Unplug&) const = default;
};
// What can happen to a pad. Only Plug makes one: of the kind it is already, nothing; of another, a new device.
using Change = std::variant<Plug, Unplug, State, Touch, Motion>;

class GamepadSet {
  public:
    // Called on pf-pads. A pad that has ever rumbled is told again every 500 ms, so that a lost datagram heals.
    using FeedbackHandler = std::function<void(uint8_t pad, const Feedback&)>;

    // `session` is what the log and the devices' phys strings call it.
    GamepadSet(std::string session, FeedbackHandler feedback);
    ~GamepadSet();  // releases what is held, takes the devices away
    GamepadSet(const GamepadSet&) = delete;
    GamepadSet& operator=(const GamepadSet&) = delete;

    // Any thread, never blocks; in order. Indices from kMaxPads on are ignored. When the queue is full motion goes
    // first, and of states that nobody has seen the newest stays. A device that cannot be made is one warning a
    // session.
    void push(uint8_t pad, const Change& change);

  private:
    using TimePoint = SteadyClock::time_point;
    struct Addressed {
        uint8_t pad;
        Change change;
    };
    struct Slot {
        std::unique_ptr<Gamepad> device;
        Kind kind{};
        std::optional<Rumble> rumble;  // the newest, once there was one
        TimePoint next_refresh;
    };

    void run(const std::stop_token& stop);
    void wait(const std::stop_token& stop);
    void carry_out(const Addressed& item);
    void plug(uint8_t pad, Kind kind);
    void unplug(uint8_t pad);
    void service(TimePoint now);
    void tell(uint8_t pad, const Feedback& feedback);
    // A device that fails is taken away.
    void check(uint8_t pad, const Result<void>& outcome);
    void complain(std::string_view what);

    const std::string session_;
    const FeedbackHandler feedback_;
    UniqueFd wake_;

    std::mutex mutex_;
    std::vector<Addressed> queue_;

    // pf-pads only.
    std::array<Slot, kMaxPads> slots_;
    bool complained_ = false;

    std::jthread thread_;  // last: joined first
};

}  // namespace punktfunk::gamepad
