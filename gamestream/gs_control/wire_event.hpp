// Keyboard, text and mouse in the terms of punktfunk/1, whose numbers are the same: virtual keys, buttons, notches.
#pragma once

#include <optional>

#include "punktfunk/gs_control/input.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::gs_control {

// nullopt for what that event has no form for: touch and pen in parts of the picture, and everything of controllers.
// Key::modifiers and Key::layout_specific are left out.
[[nodiscard]] std::optional<wire::InputEvent> to_wire_event(const InputEvent& event);

}  // namespace punktfunk::gs_control
