// How much parity a client's reports of loss call for (spec §11.3, §11.6). Pure; times are given.
//
// Up at once, so that the next burst of losses finds the parity; down a percent at a time. A client that reports
// nonsense gets more or less parity itself, within the bounds, and that is all.
#pragma once

#include <chrono>
#include <cstdint>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::rate {

class FecController {
  public:
    // What v0.31 hosts keep to. Its receivers, and ours, take up to 90 %.
    static constexpr uint8_t kLeast = 1, kMost = 50;
    static constexpr std::chrono::milliseconds kStepDown{700};
    static constexpr std::chrono::seconds kRest{5};  // after a rise, before the first step down

    explicit FecController(uint8_t start_percent, uint8_t least = kLeast) : percent_(start_percent), least_(least) {}

    // Until the first report the percentage stays what it began with: clients of the first generation never report, and
    // take no other.
    void loss_reported(uint32_t loss_ppm, SteadyClock::time_point now);
    [[nodiscard]] uint8_t percent() const { return percent_; }

  private:
    uint8_t percent_, least_;
    SteadyClock::time_point next_step_down_{};
};

}  // namespace punktfunk::rate
