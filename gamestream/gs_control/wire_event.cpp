#include "punktfunk/gs_control/wire_event.hpp"

namespace punktfunk::gs_control {
namespace {

using wire::InputKind;

struct Converter {
    using Event = std::optional<wire::InputEvent>;

    Event operator()(const Key& key) const {
        return wire::InputEvent{.kind = key.down ? InputKind::KeyDown : InputKind::KeyUp, .code = key.virtual_key};
    }
    Event operator()(const Text& text) const {
        return wire::InputEvent{.kind = InputKind::TextInput, .code = static_cast<uint32_t>(text.scalar)};
    }
    Event operator()(const MouseMove& move) const {
        return wire::InputEvent{.kind = InputKind::MouseMove, .x = move.dx, .y = move.dy};
    }
    Event operator()(const MousePosition& at) const {
        return wire::InputEvent{.kind = InputKind::MouseMoveAbs,
                                .x = at.x,
                                .y = at.y,
                                .flags = static_cast<uint32_t>(at.width) << 16 | at.height};
    }
    Event operator()(const MouseButton& button) const {
        return wire::InputEvent{.kind = button.down ? InputKind::MouseButtonDown : InputKind::MouseButtonUp,
                                .code = static_cast<uint32_t>(button.button)};
    }
    Event operator()(const Scroll& scroll) const {
        return wire::InputEvent{
            .kind = InputKind::MouseScroll, .code = scroll.horizontal ? 1u : 0u, .x = scroll.amount};
    }
    template <typename Other>
    Event operator()(const Other&) const {
        return std::nullopt;
    }
};

}  // namespace

std::optional<wire::InputEvent> to_wire_event(const InputEvent& event) {
    return std::visit(Converter{}, event);
}

}  // namespace punktfunk::gs_control
