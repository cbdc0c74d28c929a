// The client's pointer: motion, buttons and the three kinds of scrolling.
#pragma once

#include <memory>
#include <set>

#include "punktfunk/base/error.hpp"
#include "punktfunk/wayland/client.hpp"
#include "wlr-virtual-pointer-unstable-v1-client.h"

namespace punktfunk::input {

class VirtualPointer {
  public:
    // Absolute positions are within `output`.
    VirtualPointer(zwlr_virtual_pointer_manager_v1* manager, wl_seat* seat, wl_output* output);

    void move_by(int32_t dx, int32_t dy);
    void move_to(double x, double y);  // fractions of the output, 0..1
    // The wire's numbers (spec §6). A repeated press, or a release of what is not held, is dropped.
    void button(uint32_t wire_button, bool down);
    void release_all();
    // A wheel, `units` of 120 a detent, down and right positive. Whole detents go out as such, for programs that count
    // them. A fraction is a smooth movement and only that: a program that takes both would scroll twice.
    void wheel(wl_pointer_axis axis, int32_t units);
    // Fingers on a touchpad, in pixels.
    void finger_scroll(double dx, double dy);
    void finger_scroll_end();

  private:
    void end_axis(wl_pointer_axis_source source);
    struct Destroy {
        void operator()(zwlr_virtual_pointer_v1* pointer) const { zwlr_virtual_pointer_v1_destroy(pointer); }
    };
    std::unique_ptr<zwlr_virtual_pointer_v1, Destroy> pointer_;
    std::set<uint32_t> held_;
};

}  // namespace punktfunk::input
