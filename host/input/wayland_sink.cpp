// Virtual keyboard and pointer of a wlroots compositor, both on the client's own seat.
#include <linux/input-event-codes.h>
#include <sys/mman.h>
#include <xkbcommon/xkbcommon.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/input/input_sink.hpp"
#include "punktfunk/wayland/client.hpp"
#include "virtual-keyboard-unstable-v1-client.h"
#include "virtual_keys.hpp"
#include "wlr-virtual-pointer-unstable-v1-client.h"

namespace punktfunk::input {

namespace {

constexpr uint32_t kXkbOffset = 8;         // XKB key codes are evdev's plus 8
constexpr double kPixelsPerDetent = 15.0;  // spec §6
constexpr int kUnitsPerDetent = 120;
constexpr uint32_t kAbsoluteExtent = 65535;
constexpr std::chrono::milliseconds kReleasePatience{500};  // a session that ends waits no longer for its desktop

using wayland::Owned;

uint32_t milliseconds() {
    return static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now().time_since_epoch()).count());
}

class WaylandSink final : public InputSink {
  public:
    ~WaylandSink() override { release_all(); }

    Result<void> open(const display::WaylandTarget& target);
    Result<void> inject(const wire::InputEvent& event) override;

  private:
    struct Named {
        std::string name;
    };
    struct Output : Named {
        Owned<wl_output, wl_output_destroy> handle;
    };
    struct Seat : Named {
        Owned<wl_seat, wl_seat_destroy> handle;
    };

    Result<void> send_keymap();
    void key(uint32_t virtual_key, bool down);
    void button(uint32_t wire_button, bool down);
    void move_to(const wire::InputEvent& event);
    void scroll(const wire::InputEvent& event);
    void send_modifiers();
    void release_all();
    Result<void> flush();

    static const wl_registry_listener kRegistry;
    static const wl_output_listener kOutput;
    static const wl_seat_listener kSeat;

    Owned<wl_display, wl_display_disconnect> display_;
    Owned<wl_registry, wl_registry_destroy> registry_;
    Owned<zwp_virtual_keyboard_manager_v1, zwp_virtual_keyboard_manager_v1_destroy> keyboards_;
    Owned<zwlr_virtual_pointer_manager_v1, zwlr_virtual_pointer_manager_v1_destroy> pointers_;
    std::map<uint32_t, Output> outputs_;
    std::map<uint32_t, Seat> seats_;
    Owned<zwp_virtual_keyboard_v1, zwp_virtual_keyboard_v1_destroy> keyboard_;
    Owned<zwlr_virtual_pointer_v1, zwlr_virtual_pointer_v1_destroy> pointer_;
    Owned<xkb_context, xkb_context_unref> xkb_;
    Owned<xkb_keymap, xkb_keymap_unref> keymap_;
    Owned<xkb_state, xkb_state_unref> modifiers_;
    std::set<uint32_t> keys_held_, buttons_held_;
    int scroll_rest_[2] = {0, 0};
};

const wl_output_listener WaylandSink::kOutput = {
    .geometry = [](void*, wl_output*, int32_t, int32_t, int32_t, int32_t, int32_t, const char*, const char*,
                   int32_t) {},
    .mode = [](void*, wl_output*, uint32_t, int32_t, int32_t, int32_t) {},
    .done = [](void*, wl_output*) {},
    .scale = [](void*, wl_output*, int32_t) {},
    .name = [](void* data, wl_output*, const char* name) { static_cast<Named*>(data)->name = name; },
    .description = [](void*, wl_output*, const char*) {},
};

const wl_seat_listener WaylandSink::kSeat = {
    .capabilities = [](void*, wl_seat*, uint32_t) {},
    .name = [](void* data, wl_seat*, const char* name) { static_cast<Named*>(data)->name = name; },
};

const wl_registry_listener WaylandSink::kRegistry = {
    .global =
        [](void* data, wl_registry* registry, uint32_t id, const char* interface, uint32_t version) {
            auto* self = static_cast<WaylandSink*>(data);
            const std::string_view name(interface);
            if (name == zwp_virtual_keyboard_manager_v1_interface.name) {
                self->keyboards_.reset(static_cast<zwp_virtual_keyboard_manager_v1*>(
                    wl_registry_bind(registry, id, &zwp_virtual_keyboard_manager_v1_interface, 1)));
            } else if (name == zwlr_virtual_pointer_manager_v1_interface.name && version >= 2) {
                self->pointers_.reset(static_cast<zwlr_virtual_pointer_manager_v1*>(
                    wl_registry_bind(registry, id, &zwlr_virtual_pointer_manager_v1_interface, 2)));
            } else if (name == wl_output_interface.name && version >= 4) {
                Output& output = self->outputs_[id];
                output.handle.reset(static_cast<wl_output*>(wl_registry_bind(registry, id, &wl_output_interface, 4)));
                wl_output_add_listener(output.handle.get(), &kOutput, static_cast<Named*>(&output));
            } else if (name == wl_seat_interface.name && version >= 2) {
                Seat& seat = self->seats_[id];
                seat.handle.reset(static_cast<wl_seat*>(wl_registry_bind(registry, id, &wl_seat_interface, 2)));
                wl_seat_add_listener(seat.handle.get(), &kSeat, static_cast<Named*>(&seat));
            }
        },
    .global_remove = [](void*, wl_registry*, uint32_t) {},
};

Result<void> WaylandSink::open(const display::WaylandTarget& target) {
    display_.reset(wl_display_connect(target.socket_path.c_str()));
    if (!display_) return fail_errno(errno, "Wayland socket " + target.socket_path);
    registry_.reset(wl_display_get_registry(display_.get()));
    wl_registry_add_listener(registry_.get(), &kRegistry, this);
    for (int i = 0; i < 2; ++i) {  // globals, then the names of outputs and seats
        if (auto done = wayland::roundtrip(display_.get()); !done) return done;
    }
    if (!keyboards_ || !pointers_)
        return fail(ErrorCode::Unsupported, "the compositor offers no virtual keyboard and pointer");
    const auto output =
        std::ranges::find_if(outputs_, [&](const auto& entry) { return entry.second.name == target.output_name; });
    const auto seat =
        std::ranges::find_if(seats_, [&](const auto& entry) { return entry.second.name == target.seat_name; });
    if (output == outputs_.end())
        return fail(ErrorCode::NotAvailable, "the compositor has no output {}", target.output_name);
    if (seat == seats_.end()) return fail(ErrorCode::NotAvailable, "the compositor has no seat {}", target.seat_name);
    keyboard_.reset(
        zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(keyboards_.get(), seat->second.handle.get()));
    pointer_.reset(zwlr_virtual_pointer_manager_v1_create_virtual_pointer_with_output(
        pointers_.get(), seat->second.handle.get(), output->second.handle.get()));
    if (auto sent = send_keymap(); !sent) return sent;
    // The desktop must know the devices before the first event, or it loses it.
    return wayland::roundtrip(display_.get());
}

Result<void> WaylandSink::send_keymap() {
    // The wire carries positions on a US keyboard; what they mean is the keymap's business.
    const xkb_rule_names names{
        .rules = nullptr, .model = "pc105", .layout = "us", .variant = nullptr, .options = nullptr};
    xkb_.reset(xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES));
    if (xkb_) keymap_.reset(xkb_keymap_new_from_names(xkb_.get(), &names, XKB_KEYMAP_COMPILE_NO_FLAGS));
    if (!keymap_) return fail(ErrorCode::NotAvailable, "no keymap pc105/us: install xkb-data");
    modifiers_.reset(xkb_state_new(keymap_.get()));
    const std::unique_ptr<char, decltype(&std::free)> text(
        xkb_keymap_get_as_string(keymap_.get(), XKB_KEYMAP_FORMAT_TEXT_V1), &std::free);
    const size_t size = std::strlen(text.get()) + 1;
    const UniqueFd memory(::memfd_create("punktfunk-keymap", MFD_CLOEXEC));
    if (!memory || ::write(memory.get(), text.get(), size) != static_cast<ssize_t>(size))
        return fail_errno(errno, "keymap memory");
    zwp_virtual_keyboard_v1_keymap(keyboard_.get(), WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, memory.get(),
                                   static_cast<uint32_t>(size));
    return {};
}

void WaylandSink::send_modifiers() {
    zwp_virtual_keyboard_v1_modifiers(keyboard_.get(),
                                      xkb_state_serialize_mods(modifiers_.get(), XKB_STATE_MODS_DEPRESSED),
                                      xkb_state_serialize_mods(modifiers_.get(), XKB_STATE_MODS_LATCHED),
                                      xkb_state_serialize_mods(modifiers_.get(), XKB_STATE_MODS_LOCKED),
                                      xkb_state_serialize_layout(modifiers_.get(), XKB_STATE_LAYOUT_EFFECTIVE));
}

void WaylandSink::key(uint32_t virtual_key, bool down) {
    const auto code = evdev_key(virtual_key);
    if (!code) return;
    // A repeated press or a release of what is not held would unbalance the compositor's count.
    if (down ? !keys_held_.insert(*code).second : keys_held_.erase(*code) == 0) return;
    zwp_virtual_keyboard_v1_key(keyboard_.get(), milliseconds(), *code,
                                down ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED);
    if (xkb_state_update_key(modifiers_.get(), *code + kXkbOffset, down ? XKB_KEY_DOWN : XKB_KEY_UP) != 0)
        send_modifiers();
}

void WaylandSink::button(uint32_t wire_button, bool down) {
    static constexpr uint32_t kButtons[] = {BTN_LEFT, BTN_MIDDLE, BTN_RIGHT, BTN_SIDE, BTN_EXTRA};
    if (wire_button < 1 || wire_button > std::size(kButtons)) return;
    const uint32_t code = kButtons[wire_button - 1];
    if (down ? !buttons_held_.insert(wire_button).second : buttons_held_.erase(wire_button) == 0) return;
    zwlr_virtual_pointer_v1_button(pointer_.get(), milliseconds(), code,
                                   down ? WL_POINTER_BUTTON_STATE_PRESSED : WL_POINTER_BUTTON_STATE_RELEASED);
    zwlr_virtual_pointer_v1_frame(pointer_.get());
}

void WaylandSink::move_to(const wire::InputEvent& event) {
    const uint32_t width = event.flags >> 16, height = event.flags & 0xffff;
    if (width == 0 || height == 0) return;
    const auto mapped = [](int32_t position, uint32_t extent) {
        return static_cast<uint32_t>(
            uint64_t{std::clamp<uint32_t>(static_cast<uint32_t>(std::max(position, 0)), 0, extent)} * kAbsoluteExtent /
            extent);
    };
    zwlr_virtual_pointer_v1_motion_absolute(pointer_.get(), milliseconds(), mapped(event.x, width),
                                            mapped(event.y, height), kAbsoluteExtent, kAbsoluteExtent);
    zwlr_virtual_pointer_v1_frame(pointer_.get());
}

void WaylandSink::scroll(const wire::InputEvent& event) {
    const bool horizontal = event.code == 1;
    const uint32_t axis = horizontal ? WL_POINTER_AXIS_HORIZONTAL_SCROLL : WL_POINTER_AXIS_VERTICAL_SCROLL;
    // The wire's positive is up, Wayland's is down; to the right both agree.
    const int32_t bounded = std::clamp(event.x, -100 * kUnitsPerDetent, 100 * kUnitsPerDetent);
    const int32_t units = horizontal ? bounded : -bounded;
    int& rest = scroll_rest_[horizontal ? 1 : 0];
    rest += units;
    const int detents = rest / kUnitsPerDetent;
    rest -= detents * kUnitsPerDetent;
    const wl_fixed_t value = wl_fixed_from_double(kPixelsPerDetent * units / kUnitsPerDetent);
    zwlr_virtual_pointer_v1_axis_source(pointer_.get(), WL_POINTER_AXIS_SOURCE_WHEEL);
    if (detents != 0) {
        zwlr_virtual_pointer_v1_axis_discrete(pointer_.get(), milliseconds(), axis, value, detents);
    } else {
        zwlr_virtual_pointer_v1_axis(pointer_.get(), milliseconds(), axis, value);
    }
    zwlr_virtual_pointer_v1_frame(pointer_.get());
}

Result<void> WaylandSink::flush() {
    // The compositor sends this connection next to nothing; what it does send is taken in without waiting.
    while (wl_display_prepare_read(display_.get()) != 0) {
        if (wl_display_dispatch_pending(display_.get()) < 0)
            return fail(ErrorCode::Closed, "the compositor has closed the connection");
    }
    wl_display_cancel_read(display_.get());
    if (wl_display_flush(display_.get()) < 0 && errno != EAGAIN)
        return fail(ErrorCode::Closed, "the compositor has closed the connection");
    return {};
}

Result<void> WaylandSink::inject(const wire::InputEvent& event) {
    using enum wire::InputKind;
    switch (event.kind) {
        case KeyDown:
            key(event.code, true);
            break;
        case KeyUp:
            key(event.code, false);
            break;
        case MouseMove:
            zwlr_virtual_pointer_v1_motion(pointer_.get(), milliseconds(),
                                           wl_fixed_from_int(std::clamp(event.x, -32768, 32767)),
                                           wl_fixed_from_int(std::clamp(event.y, -32768, 32767)));
            zwlr_virtual_pointer_v1_frame(pointer_.get());
            break;
        case MouseMoveAbs:
            move_to(event);
            break;
        case MouseButtonDown:
            button(event.code, true);
            break;
        case MouseButtonUp:
            button(event.code, false);
            break;
        case MouseScroll:
            scroll(event);
            break;
        default:
            return {};  // no device for it here
    }
    return flush();
}

void WaylandSink::release_all() {
    if (!keyboard_ || !pointer_) return;
    for (const uint32_t code : keys_held_) {
        zwp_virtual_keyboard_v1_key(keyboard_.get(), milliseconds(), code, WL_KEYBOARD_KEY_STATE_RELEASED);
        xkb_state_update_key(modifiers_.get(), code + kXkbOffset, XKB_KEY_UP);
    }
    if (!keys_held_.empty()) send_modifiers();
    while (!buttons_held_.empty()) button(*buttons_held_.begin(), false);
    if (wl_display_get_error(display_.get()) == 0) (void)wayland::roundtrip(display_.get(), kReleasePatience);
}

}  // namespace

Result<std::unique_ptr<InputSink>> make_wayland_sink(const display::WaylandTarget& target) {
    auto sink = std::make_unique<WaylandSink>();
    if (auto opened = sink->open(target); !opened) return std::unexpected(opened.error());
    return sink;
}

}  // namespace punktfunk::input
