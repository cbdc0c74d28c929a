// An input device as a game sees it: its evdev node, what comes out of it, and the effects it is asked to play.
#pragma once

#include <linux/input.h>

#include <chrono>
#include <compare>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::test {

// Everything here happens at once; but the machine may be slow.
inline constexpr std::chrono::seconds kPatience{30};

struct EvdevEvent {
    int type = 0, code = 0, value = 0;
    auto operator<=>(const EvdevEvent&) const = default;
};
void PrintTo(const EvdevEvent& event, std::ostream* out);

class EvdevNode {
  public:
    // The node of the device with this phys, and a name that ends so. Waits for it; throws when it does not come.
    static EvdevNode open(const std::string& phys, const std::string& name_end = "");
    // Whether there is one now.
    static bool exists(const std::string& phys);

    [[nodiscard]] std::string name() const;
    [[nodiscard]] input_id id() const;
    [[nodiscard]] input_absinfo axis(int code) const;
    [[nodiscard]] std::vector<int> codes(int type) const;  // those the device declares
    [[nodiscard]] int effects_at_a_time() const;
    // The events up to the next SYN_REPORT, without it, in order of type and code. Nothing when none came in time or
    // the device is gone.
    [[nodiscard]] std::vector<EvdevEvent> frame(std::chrono::milliseconds patience = kPatience);
    // Whether the event comes, whatever comes before it.
    [[nodiscard]] bool sees(const EvdevEvent& event);
    // Whether the device goes; what it said last can no longer be read then.
    [[nodiscard]] bool gone();

    // Force feedback. The id of the effect; -1 when the device refuses.
    int upload(uint16_t strong, uint16_t weak, std::chrono::milliseconds length, int id = -1);
    bool erase(int id);
    void play(int id, int times);
    void set_gain(uint16_t gain);

    // The folder of the HID device behind it, in /sys.
    [[nodiscard]] std::filesystem::path hid_device() const;

  private:
    EvdevNode(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
    void send(int type, int code, int value);

    UniqueFd fd_;
    std::string path_;
};

}  // namespace punktfunk::test
