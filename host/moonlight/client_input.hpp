// A client's keyboard, mouse, touch and pen as events for the desktop (spec §5.6). Pure.
#pragma once

#include <functional>
#include <set>

#include "punktfunk/gs_control/input.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::moonlight {

class ClientInput {
  public:
    using Inject = std::function<void(const wire::InputEvent&)>;
    explicit ClientInput(Inject inject) : inject_(std::move(inject)) {}

    // Nothing for what is of controllers, or unknown.
    void take(const gs_control::InputEvent& event);

  private:
    static constexpr size_t kMostFingers = 32;  // on the glass at a time

    void on_touch(const gs_control::Touch& touch);
    void on_pen(const gs_control::Pen& pen);
    void finger(wire::InputKind kind, uint32_t id, const gs_control::Contact& at);
    void pen_button(bool down, uint32_t button);
    // Of a key that says which modifiers are held: those whose own press was lost are pressed around it.
    void on_key(const gs_control::Key& key);
    [[nodiscard]] uint8_t held_modifiers() const;

    const Inject inject_;
    std::set<uint32_t> fingers_;
    uint8_t pen_held_ = 0;             // bit n: button n of the pointer
    std::set<uint8_t> modifier_keys_;  // held, as far as key events said
};

}  // namespace punktfunk::moonlight
