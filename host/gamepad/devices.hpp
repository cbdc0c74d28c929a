// The pads of this folder, and how their kernel device is opened.
#pragma once

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/gamepad/gamepad.hpp"

namespace punktfunk::gamepad {

inline constexpr size_t kMaxPhys = 63;

Result<std::unique_ptr<Gamepad>> make_xbox_pad(const std::string& phys);
Result<std::unique_ptr<Gamepad>> make_dualsense_pad(const std::string& phys);

// /dev/uinput or /dev/uhid, non-blocking. The error says what to do.
Result<UniqueFd> open_kernel_device(const char* path, const char* module);

}  // namespace punktfunk::gamepad
