// A DualSense's HID reports over USB: values to bytes and back, no device inside (spec §5.5, §5.6, §6).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "punktfunk/base/bytes.hpp"
#include "punktfunk/gamepad/gamepad.hpp"

namespace punktfunk::gamepad {

inline constexpr uint16_t kVendorSony = 0x054c, kProductDualSense = 0x0ce6;

// Report 0x01 from the pad, 0x02 to it, feature reports 0x05 (calibration), 0x09 (pairing) and 0x20 (firmware).
[[nodiscard]] std::span<const uint8_t> dualsense_report_descriptor();

using MacAddress = std::array<uint8_t, 6>;  // as it is written: the first byte first
// Empty for a report the pad does not have. The calibration makes wire values of Motion their physical ones.
[[nodiscard]] Bytes dualsense_feature_report(uint8_t id, const MacAddress& address);

// What the next input report says.
class DualSenseInput {
  public:
    static constexpr size_t kBytes = 64;

    void set(const State& state) { state_ = state; }
    void set(const Touch& touch);  // fingers beyond the second count as the second
    void set(const Motion& motion) { motion_ = motion; }
    // Counts the reports; `uptime` becomes the sensors' timestamp.
    [[nodiscard]] std::array<uint8_t, kBytes> next_report(std::chrono::nanoseconds uptime);

  private:
    struct Contact {
        bool active = false;
        uint8_t id = 0;  // a new one for each touch
        uint16_t x = 0, y = 0;
    };
    State state_;
    Motion motion_;
    std::array<Contact, 2> contacts_;
    uint8_t next_contact_ = 0;
    uint8_t sequence_ = 0;
};

// What an output report (its id, 0x02, first) asks for, as far as its flags declare it valid. Nothing for one that is
// too short or another.
[[nodiscard]] std::vector<Feedback> parse_dualsense_output(ByteView report);

}  // namespace punktfunk::gamepad
