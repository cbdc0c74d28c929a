// Events into the desktop. One sink per session; it remembers what is held and releases it when it goes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "punktfunk/base/error.hpp"
#include "punktfunk/display/display.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::input {

// What the wire's key positions mean: an XKB layout and its variant.
struct KeyboardLayout {
    std::string name = "us", variant;
};
// "de", "fr:bepo". InvalidArgument when this system's XKB has no such layout.
Result<KeyboardLayout> parse_keyboard_layout(std::string_view text);

// Outlives a sink: a desktop that is rebuilt goes on with them. Num Lock begins locked, because virtual-key codes of
// the keypad's digits mean digits.
struct KeyboardLocks {
    bool caps = false, num = true;
};

// One thread.
class InputSink {
  public:
    virtual ~InputSink() = default;  // releases every key and button still held
    // In order. Events a backend has no device for are dropped. Closed when the compositor is gone.
    virtual Result<void> inject(std::span<const wire::InputEvent> events) = 0;
    Result<void> inject(const wire::InputEvent& event) { return inject(std::span(&event, 1)); }
    [[nodiscard]] virtual KeyboardLocks locks() const = 0;
};

// Virtual keyboards and pointer (wlroots protocols) on the client's seat, coordinates mapped to the target's output
// (spec §6). Fingers are a pointer (touch_to_pointer.hpp); text is typed whatever the layout (text_keyboard.hpp).
Result<std::unique_ptr<InputSink>> make_wayland_sink(const display::WaylandTarget& target,
                                                     const KeyboardLayout& layout = {},
                                                     const KeyboardLocks& locks = {});

}  // namespace punktfunk::input
