// The armed PIN and the rules around guessing it (spec §3.4). One thread (control).
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::native {

class PairingWindow {
  public:
    using TimePoint = SteadyClock::time_point;
    static constexpr std::chrono::seconds kDefaultTtl{120}, kMinTtl{15}, kMaxTtl{600}, kCooldown{2};
    static constexpr int kMaxGuesses = 3;

    // A new random PIN of four digits; the old one is forgotten. ttl is clamped to [15 s, 600 s].
    std::string arm(std::chrono::seconds ttl, TimePoint now);
    void disarm();
    [[nodiscard]] std::optional<std::chrono::seconds> remaining(TimePoint now) const;
    struct Armed {
        std::string pin;  // for whoever may let a device in
        std::chrono::seconds remaining{}, ttl{};
    };
    [[nodiscard]] std::optional<Armed> armed(TimePoint now) const;

    enum class Refused { NotArmed, CoolingDown };
    // Starts a ceremony: answers the PIN to run it with. At most one per two seconds over all clients.
    std::expected<std::string, Refused> begin(TimePoint now);
    // The host's confirmation is about to leave. It tells the client whether its guess was right, so the guess counts
    // now, whatever becomes of the ceremony; the third one uses the PIN up (its own ceremony may still succeed).
    void guessed();
    void succeeded();  // uses the PIN up

  private:
    std::string pin_;  // empty: disarmed
    TimePoint expires_{};
    std::chrono::seconds ttl_{};
    std::optional<TimePoint> last_ceremony_;
    int guesses_ = 0;
};

}  // namespace punktfunk::native
