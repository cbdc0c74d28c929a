// The force feedback effects a game has uploaded to a pad, mixed down to its two motors (spec §5.4). No clock inside.
#pragma once

#include <array>
#include <optional>

#include "punktfunk/gamepad/gamepad.hpp"

namespace punktfunk::gamepad {

class RumbleEffects {
  public:
    using TimePoint = SteadyClock::time_point;
    static constexpr size_t kSlots = 16;

    struct Effect {
        uint16_t strong = 0, weak = 0;
        std::chrono::milliseconds delay{0};
        std::chrono::milliseconds length{0};  // 0 = until it is stopped
    };

    // A new effect, or the newer form of one: one that plays begins again. False when there is no such slot.
    bool upload(size_t id, const Effect& effect, TimePoint now);
    bool erase(size_t id);
    // `times` in a row; 0 stops.
    void play(size_t id, uint32_t times, TimePoint now);
    void set_gain(uint16_t gain) { gain_ = gain; }

    [[nodiscard]] Rumble mix(TimePoint now) const;
    // When mix() changes by itself next.
    [[nodiscard]] std::optional<TimePoint> next_change(TimePoint now) const;

  private:
    struct Slot {
        Slot() : times(0) {}  // clang knows initializers of nested members too late for std::optional
        Effect effect;
        uint32_t times;  // 0 = not playing
        TimePoint start, end;
    };
    static void begin(Slot& slot, TimePoint now);

    std::array<std::optional<Slot>, kSlots> slots_;
    uint16_t gain_ = 0xffff;
};

}  // namespace punktfunk::gamepad
