#include "dualsense_report.hpp"

#include <algorithm>

namespace punktfunk::gamepad {

namespace {

// Games open the raw device and go by ids and offsets; this says the same to those who read descriptors.
constexpr uint8_t kDescriptor[] = {
    0x05, 0x01, 0x09, 0x05, 0xa1, 0x01,              // Generic Desktop, Game Pad, Collection (Application)
    0x85, 0x01,                                      // input report 1, 63 bytes:
    0x09, 0x30, 0x09, 0x31, 0x09, 0x32, 0x09, 0x35,  //   X, Y, Z, Rz: the sticks
    0x09, 0x33, 0x09, 0x34,                          //   Rx, Ry: the triggers
    0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x06, 0x81, 0x02, 0x06, 0x00, 0xff, 0x09,
    0x20, 0x95, 0x01, 0x81, 0x02,                                                              // a counter
    0x05, 0x01, 0x09, 0x39, 0x15, 0x00, 0x25, 0x07, 0x35, 0x00, 0x46, 0x3b, 0x01, 0x65, 0x14,  // the hat, in degrees
    0x75, 0x04, 0x95, 0x01, 0x81, 0x42, 0x65, 0x00, 0x45, 0x00, 0x05, 0x09, 0x19, 0x01, 0x29,
    0x0f, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x0f, 0x81, 0x02,              // 15 buttons
    0x06, 0x00, 0xff, 0x09, 0x21, 0x95, 0x0d, 0x81, 0x02,                          // 13 bits
    0x09, 0x22, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x34, 0x81, 0x02,  // sensors, touchpad, battery
    0x85, 0x02, 0x09, 0x23, 0x95, 0x2f, 0x91, 0x02,                                // output report 2, 47 bytes
    0x85, 0x05, 0x09, 0x33, 0x95, 0x28, 0xb1, 0x02,                                // calibration, 40 bytes
    0x85, 0x09, 0x09, 0x24, 0x95, 0x13, 0xb1, 0x02,                                // pairing, 19 bytes
    0x85, 0x20, 0x09, 0x26, 0x95, 0x3f, 0xb1, 0x02,                                // firmware, 63 bytes
    0xc0};

constexpr uint32_t kPadWidth = 1920, kPadHeight = 1080;

// Clockwise from up; 8 = at rest. Opposite directions cancel.
uint8_t hat(uint32_t buttons) {
    const auto held = [&](Button bit) { return (buttons & bit) != 0 ? 1 : 0; };
    const int x = held(kDpadRight) - held(kDpadLeft), y = held(kDpadDown) - held(kDpadUp);
    static constexpr uint8_t kDirections[3][3] = {{7, 0, 1}, {6, 8, 2}, {5, 4, 3}};
    return kDirections[y + 1][x + 1];
}

struct ButtonBit {
    uint32_t bit;
    uint8_t offset, mask;
};
constexpr ButtonBit kButtonBits[] = {
    {kX, 8, 0x10},          {kA, 8, 0x20},           {kB, 8, 0x40},      {kY, 8, 0x80},  // square cross circle triangle
    {kLeftBumper, 9, 0x01}, {kRightBumper, 9, 0x02}, {kBack, 9, 0x10},   {kStart, 9, 0x20},
    {kLeftStick, 9, 0x40},  {kRightStick, 9, 0x80},  {kGuide, 10, 0x01}, {kTouchpadClick, 10, 0x02}};
constexpr uint8_t kLeftTriggerHeld = 0x04, kRightTriggerHeld = 0x08;  // in byte 9
constexpr uint8_t kBatteryFull = 0x2a;                                // fully charged, ten tenths

uint8_t stick(int16_t value) {
    return static_cast<uint8_t>((int32_t{value} + 32768) >> 8);
}

Bytes calibration_report() {
    // The driver scales by these; the numbers make 20 units a degree per second and 10 000 a g.
    constexpr int16_t kSpeed = 540, kGyro = 20 * kSpeed, kOneG = 10000;
    Bytes report(41);
    report[0] = 0x05;
    for (size_t i = 0; i < 3; ++i) {
        store_le<int16_t>(&report[7 + 4 * i], kGyro);
        store_le<int16_t>(&report[9 + 4 * i], -kGyro);
        store_le<int16_t>(&report[23 + 4 * i], kOneG);
        store_le<int16_t>(&report[25 + 4 * i], -kOneG);
    }
    store_le<int16_t>(&report[19], kSpeed);
    store_le<int16_t>(&report[21], kSpeed);
    return report;
}

Bytes pairing_report(const MacAddress& address) {
    Bytes report(20);
    report[0] = 0x09;
    std::ranges::reverse_copy(address, report.begin() + 1);
    return report;
}

Bytes firmware_report() {
    Bytes report(64);
    report[0] = 0x20;
    std::ranges::copy(std::string_view("Jun 19 202314:47:34"), report.begin() + 1);
    store_le<uint32_t>(&report[24], 0x0000'0216);  // hardware
    store_le<uint32_t>(&report[28], 0x0000'0154);  // firmware
    store_le<uint16_t>(&report[44], 0x0224);       // update version: new enough for every driver
    return report;
}

}  // namespace

std::span<const uint8_t> dualsense_report_descriptor() {
    return kDescriptor;
}

Bytes dualsense_feature_report(uint8_t id, const MacAddress& address) {
    switch (id) {
        case 0x05:
            return calibration_report();
        case 0x09:
            return pairing_report(address);
        case 0x20:
            return firmware_report();
        default:
            return {};
    }
}

void DualSenseInput::set(const Touch& touch) {
    Contact& contact = contacts_[std::min<size_t>(touch.finger, 1)];
    if (touch.active && !contact.active) contact.id = next_contact_++ & 0x7f;
    contact.active = touch.active;
    contact.x = static_cast<uint16_t>(uint32_t{touch.x} * (kPadWidth - 1) / 65535);
    contact.y = static_cast<uint16_t>(uint32_t{touch.y} * (kPadHeight - 1) / 65535);
}

std::array<uint8_t, DualSenseInput::kBytes> DualSenseInput::next_report(std::chrono::nanoseconds uptime) {
    std::array<uint8_t, kBytes> report{};
    report[0] = 0x01;
    report[1] = stick(state_.left_x);
    report[2] = static_cast<uint8_t>(255 - stick(state_.left_y));
    report[3] = stick(state_.right_x);
    report[4] = static_cast<uint8_t>(255 - stick(state_.right_y));
    report[5] = state_.left_trigger;
    report[6] = state_.right_trigger;
    report[7] = sequence_++;
    report[8] = hat(state_.buttons);
    for (const ButtonBit& button : kButtonBits) {
        if ((state_.buttons & button.bit) != 0) report[button.offset] |= button.mask;
    }
    if (state_.left_trigger > 0) report[9] |= kLeftTriggerHeld;
    if (state_.right_trigger > 0) report[9] |= kRightTriggerHeld;
    for (size_t i = 0; i < 3; ++i) {
        store_le<int16_t>(&report[16 + 2 * i], motion_.gyro[i]);
        store_le<int16_t>(&report[22 + 2 * i], motion_.acceleration[i]);
    }
    store_le<uint32_t>(&report[28], static_cast<uint32_t>(uptime.count() * 3 / 1000));  // in thirds of a microsecond
    for (size_t i = 0; i < contacts_.size(); ++i) {
        const Contact& contact = contacts_[i];
        uint8_t* at = &report[33 + 4 * i];
        at[0] = static_cast<uint8_t>(contact.id | (contact.active ? 0 : 0x80));
        at[1] = static_cast<uint8_t>(contact.x);
        at[2] = static_cast<uint8_t>((contact.x >> 8) | (contact.y << 4));
        at[3] = static_cast<uint8_t>(contact.y >> 4);
    }
    report[53] = kBatteryFull;
    return report;
}

std::vector<Feedback> parse_dualsense_output(ByteView report) {
    constexpr uint8_t kRumbleFlags = 0x03, kRightTriggerFlag = 0x04, kLeftTriggerFlag = 0x08;  // of byte 1
    constexpr uint8_t kLightbarFlag = 0x04, kPlayerLedsFlag = 0x10;                            // of byte 2
    std::vector<Feedback> asked;
    if (report.size() < 48 || report[0] != 0x02) return asked;
    const auto trigger = [&](uint8_t which, size_t offset) {
        TriggerEffect effect{.which = which};
        std::copy_n(report.begin() + static_cast<ptrdiff_t>(offset), effect.effect.size(), effect.effect.begin());
        asked.emplace_back(effect);
    };
    const auto motor = [](uint8_t level) { return static_cast<uint16_t>(level << 8); };
    if ((report[1] & kRumbleFlags) != 0) asked.emplace_back(Rumble{motor(report[4]), motor(report[3])});
    if ((report[2] & kLightbarFlag) != 0) asked.emplace_back(Lightbar{report[45], report[46], report[47]});
    if ((report[2] & kPlayerLedsFlag) != 0) asked.emplace_back(PlayerLeds{static_cast<uint8_t>(report[44] & 0x1f)});
    if ((report[1] & kRightTriggerFlag) != 0) trigger(1, 11);
    if ((report[1] & kLeftTriggerFlag) != 0) trigger(0, 22);
    return asked;
}

}  // namespace punktfunk::gamepad
