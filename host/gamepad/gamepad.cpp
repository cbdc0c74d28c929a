#include "punktfunk/gamepad/gamepad.hpp"

#include "devices.hpp"

namespace punktfunk::gamepad {

std::string_view to_string(Kind kind) {
    return kind == Kind::DualSense ? "DualSense" : "Xbox 360";
}

Result<std::unique_ptr<Gamepad>> make_gamepad(Kind kind, const std::string& phys) {
    const std::string bounded = phys.substr(0, kMaxPhys);
    return kind == Kind::DualSense ? make_dualsense_pad(bounded) : make_xbox_pad(bounded);
}

}  // namespace punktfunk::gamepad
