// Input events in their C and C++ forms.
#pragma once

#include <optional>

#include "boundary.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::abi {

// nullopt for a kind that the C interface does not have.
inline std::optional<wire::InputEvent> from_c(const PunktfunkInputEvent& event) {
    if (event.kind > PUNKTFUNK_INPUT_KIND_TOUCH_UP) return std::nullopt;
    return wire::InputEvent{static_cast<wire::InputKind>(event.kind), event.code, event.x, event.y, event.flags};
}

inline PunktfunkInputEvent to_c(const wire::InputEvent& event) {
    return {static_cast<PunktfunkInputKind>(event.kind), {}, event.code, event.x, event.y, event.flags};
}

}  // namespace punktfunk::abi
