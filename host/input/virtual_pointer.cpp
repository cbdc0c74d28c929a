#include "virtual_pointer.hpp"

#include <linux/input-event-codes.h>

#include <algorithm>
#include <iterator>

#include "milliseconds.hpp"

namespace punktfunk::input {

namespace {

constexpr double kPixelsPerDetent = 15.0;  // spec §6
constexpr int32_t kUnitsPerDetent = 120;
constexpr int32_t kMaxDetents = 100;  // in one event
constexpr int32_t kMaxMotion = 32768;
constexpr uint32_t kAbsoluteExtent = 65535;

}  // namespace

VirtualPointer::VirtualPointer(zwlr_virtual_pointer_manager_v1* manager, wl_seat* seat, wl_output* output)
    : pointer_(zwlr_virtual_pointer_manager_v1_create_virtual_pointer_with_output(manager, seat, output)) {}

void VirtualPointer::move_by(int32_t dx, int32_t dy) {
    const auto bounded = [](int32_t delta) { return wl_fixed_from_int(std::clamp(delta, -kMaxMotion, kMaxMotion)); };
    zwlr_virtual_pointer_v1_motion(pointer_.get(), milliseconds(), bounded(dx), bounded(dy));
    zwlr_virtual_pointer_v1_frame(pointer_.get());
}

void VirtualPointer::move_to(double x, double y) {
    const auto mapped = [](double part) { return static_cast<uint32_t>(std::clamp(part, 0.0, 1.0) * kAbsoluteExtent); };
    zwlr_virtual_pointer_v1_motion_absolute(pointer_.get(), milliseconds(), mapped(x), mapped(y), kAbsoluteExtent,
                                            kAbsoluteExtent);
    zwlr_virtual_pointer_v1_frame(pointer_.get());
}

void VirtualPointer::button(uint32_t wire_button, bool down) {
    static constexpr uint32_t kButtons[] = {BTN_LEFT, BTN_MIDDLE, BTN_RIGHT, BTN_SIDE, BTN_EXTRA};
    if (wire_button < 1 || wire_button > std::size(kButtons)) return;
    if (down ? !held_.insert(wire_button).second : held_.erase(wire_button) == 0) return;
    zwlr_virtual_pointer_v1_button(pointer_.get(), milliseconds(), kButtons[wire_button - 1],
                                   down ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
    zwlr_virtual_pointer_v1_frame(pointer_.get());
}

void VirtualPointer::release_all() {
    while (!held_.empty()) button(*held_.begin(), false);
}

// wlroots gives the source to the axis it was told of last, and aborts when two axes of a frame differ in it: one axis
// a frame, and its source behind it.
void VirtualPointer::end_axis(wl_pointer_axis_source source) {
    zwlr_virtual_pointer_v1_axis_source(pointer_.get(), source);
    zwlr_virtual_pointer_v1_frame(pointer_.get());
}

void VirtualPointer::wheel(wl_pointer_axis axis, int32_t units) {
    const int32_t bounded = std::clamp(units, -kMaxDetents * kUnitsPerDetent, kMaxDetents * kUnitsPerDetent);
    if (bounded == 0) return;
    const wl_fixed_t pixels = wl_fixed_from_double(kPixelsPerDetent * bounded / kUnitsPerDetent);
    if (bounded % kUnitsPerDetent == 0) {
        zwlr_virtual_pointer_v1_axis_discrete(pointer_.get(), milliseconds(), axis, pixels, bounded / kUnitsPerDetent);
        end_axis(WL_POINTER_AXIS_SOURCE_WHEEL);
    } else {
        zwlr_virtual_pointer_v1_axis(pointer_.get(), milliseconds(), axis, pixels);
        end_axis(WL_POINTER_AXIS_SOURCE_CONTINUOUS);
    }
}

void VirtualPointer::finger_scroll(double dx, double dy) {
    const auto scroll = [&](wl_pointer_axis axis, wl_fixed_t pixels) {
        if (pixels == 0) return;
        zwlr_virtual_pointer_v1_axis(pointer_.get(), milliseconds(), axis, pixels);
        end_axis(WL_POINTER_AXIS_SOURCE_FINGER);
    };
    scroll(WL_POINTER_AXIS_HORIZONTAL_SCROLL, wl_fixed_from_double(dx));
    scroll(WL_POINTER_AXIS_VERTICAL_SCROLL, wl_fixed_from_double(dy));
}

void VirtualPointer::finger_scroll_end() {
    for (const auto axis : {WL_POINTER_AXIS_HORIZONTAL_SCROLL, WL_POINTER_AXIS_VERTICAL_SCROLL}) {
        zwlr_virtual_pointer_v1_axis_stop(pointer_.get(), milliseconds(), axis);
        end_axis(WL_POINTER_AXIS_SOURCE_FINGER);
    }
}

}  // namespace punktfunk::input
