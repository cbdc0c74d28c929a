// Events into the desktop. One sink per session; it remembers what is held and releases it when it goes.
#pragma once

#include <memory>

#include "punktfunk/base/error.hpp"
#include "punktfunk/display/display.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::input {

// One thread.
class InputSink {
  public:
    virtual ~InputSink() = default;  // releases every key and button still held
    // Events a backend has no device for are dropped. Closed when the compositor is gone.
    virtual Result<void> inject(const wire::InputEvent& event) = 0;
};

// Virtual keyboard and pointer (wlroots protocols), absolute coordinates mapped to the target's output (spec §6).
Result<std::unique_ptr<InputSink>> make_wayland_sink(const display::WaylandTarget& target);

}  // namespace punktfunk::input
