// Virtual keyboards and pointer of a wlroots compositor, all on the client's own seat.
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "punktfunk/input/input_sink.hpp"
#include "punktfunk/input/virtual_keys.hpp"
#include "text_keyboard.hpp"
#include "touch_to_pointer.hpp"
#include "virtual_keyboard.hpp"
#include "virtual_pointer.hpp"

namespace punktfunk::input {

namespace {

constexpr std::chrono::milliseconds kReleasePatience{500};  // a session that ends waits no longer for its desktop

using wayland::Owned;

class WaylandSink final : public InputSink {
  public:
    ~WaylandSink() override;

    Result<void> open(const display::WaylandTarget& target, const KeyboardLayout& layout, const KeyboardLocks& locks);
    using InputSink::inject;
    Result<void> inject(std::span<const wire::InputEvent> events) override;
    [[nodiscard]] KeyboardLocks locks() const override { return keyboard_->locks(); }

  private:
    struct Named {
        std::string name;
    };
    struct Output : Named {
        Owned<wl_output, wl_output_destroy> handle;
        TouchToPointer fingers{1, 1};  // until it has said its size
    };
    struct Seat : Named {
        Owned<wl_seat, wl_seat_destroy> handle;
    };

    void handle(const wire::InputEvent& event);
    void move_to(const wire::InputEvent& event);
    void touch(const wire::InputEvent& event);
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
    std::optional<TextKeyboard> text_;
    std::optional<VirtualKeyboard> keyboard_;
    std::optional<VirtualPointer> pointer_;
    TouchToPointer* fingers_ = nullptr;  // of the target's output
    bool text_was_last_ = false;
};

const wl_output_listener WaylandSink::kOutput = {
    .geometry = [](void*, wl_output*, int32_t, int32_t, int32_t, int32_t, int32_t, const char*, const char*,
                   int32_t) {},
    .mode =
        [](void* data, wl_output*, uint32_t flags, int32_t width, int32_t height, int32_t) {
            if ((flags & WL_OUTPUT_MODE_CURRENT) == 0) return;
            static_cast<Output*>(data)->fingers.resize(static_cast<uint32_t>(width), static_cast<uint32_t>(height));
        },
    .done = [](void*, wl_output*) {},
    .scale = [](void*, wl_output*, int32_t) {},
    .name = [](void* data, wl_output*, const char* name) { static_cast<Output*>(data)->name = name; },
    .description = [](void*, wl_output*, const char*) {},
};

const wl_seat_listener WaylandSink::kSeat = {
    .capabilities = [](void*, wl_seat*, uint32_t) {},
    .name = [](void* data, wl_seat*, const char* name) { static_cast<Seat*>(data)->name = name; },
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
                wl_output_add_listener(output.handle.get(), &kOutput, &output);
            } else if (name == wl_seat_interface.name && version >= 2) {
                Seat& seat = self->seats_[id];
                seat.handle.reset(static_cast<wl_seat*>(wl_registry_bind(registry, id, &wl_seat_interface, 2)));
                wl_seat_add_listener(seat.handle.get(), &kSeat, &seat);
            }
        },
    .global_remove = [](void*, wl_registry*, uint32_t) {},
};

Result<void> WaylandSink::open(const display::WaylandTarget& target, const KeyboardLayout& layout,
                               const KeyboardLocks& locks) {
    display_.reset(wl_display_connect(target.socket_path.c_str()));
    if (!display_) return fail_errno(errno, "Wayland socket " + target.socket_path);
    registry_.reset(wl_display_get_registry(display_.get()));
    wl_registry_add_listener(registry_.get(), &kRegistry, this);
    for (int i = 0; i < 2; ++i) {  // globals, then what outputs and seats say of themselves
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
    wl_seat* const seat_handle = seat->second.handle.get();

    auto text = TextKeyboard::create(display_.get(), keyboards_.get(), seat_handle);
    if (!text) return std::unexpected(text.error());
    text_ = std::move(*text);
    // Last, so that it is the seat's keyboard from the start.
    auto keyboard = VirtualKeyboard::create(keyboards_.get(), seat_handle, layout, locks);
    if (!keyboard) return std::unexpected(keyboard.error());
    keyboard_ = std::move(*keyboard);
    pointer_.emplace(pointers_.get(), seat_handle, output->second.handle.get());
    fingers_ = &output->second.fingers;
    // The desktop must know the devices before the first event, or it loses it.
    return wayland::roundtrip(display_.get());
}

void WaylandSink::move_to(const wire::InputEvent& event) {
    const uint32_t width = event.flags >> 16, height = event.flags & 0xffff;
    if (width == 0 || height == 0) return;
    pointer_->move_to(static_cast<double>(event.x) / width, static_cast<double>(event.y) / height);
}

void WaylandSink::touch(const wire::InputEvent& event) {
    for (const PointerAction& action : fingers_->handle(event, SteadyClock::now())) {
        switch (action.kind) {
            case PointerAction::Kind::Move:
                pointer_->move_to(action.x, action.y);
                break;
            case PointerAction::Kind::Press:
                pointer_->button(action.button, true);
                break;
            case PointerAction::Kind::Release:
                pointer_->button(action.button, false);
                break;
            case PointerAction::Kind::Scroll:
                pointer_->finger_scroll(action.x, action.y);
                break;
            case PointerAction::Kind::ScrollEnd:
                pointer_->finger_scroll_end();
                break;
        }
    }
}

void WaylandSink::handle(const wire::InputEvent& event) {
    using enum wire::InputKind;
    if (std::exchange(text_was_last_, false)) keyboard_->show_modifiers();
    switch (event.kind) {
        case KeyDown:
        case KeyUp:
            if (const auto key = evdev_key(event.code)) keyboard_->key(*key, event.kind == KeyDown);
            break;
        case MouseMove:
            pointer_->move_by(event.x, event.y);
            break;
        case MouseMoveAbs:
            move_to(event);
            break;
        case MouseButtonDown:
        case MouseButtonUp:
            pointer_->button(event.code, event.kind == MouseButtonDown);
            break;
        case MouseScroll:
            // The wire's positive is up, Wayland's is down; to the right both agree.
            if (event.code == 1) {
                pointer_->wheel(WL_POINTER_AXIS_HORIZONTAL_SCROLL, event.x);
            } else {
                pointer_->wheel(WL_POINTER_AXIS_VERTICAL_SCROLL, -std::max(event.x, -INT32_MAX));
            }
            break;
        case TouchDown:
        case TouchMove:
        case TouchUp:
            touch(event);
            break;
        default:
            break;  // no device for it here
    }
}

Result<void> WaylandSink::inject(std::span<const wire::InputEvent> events) {
    const auto is_text = [](const wire::InputEvent& event) { return event.kind == wire::InputKind::TextInput; };
    while (!events.empty()) {
        const auto text_end = std::ranges::find_if_not(events, is_text);
        const auto count = static_cast<size_t>(text_end - events.begin());
        if (count > 0) {
            if (auto typed = text_->type(events.first(count)); !typed) return typed;
            text_was_last_ = true;
        } else {
            handle(events.front());
        }
        events = events.subspan(std::max<size_t>(count, 1));
    }
    return flush();
}

Result<void> WaylandSink::flush() {
    const auto lost = [] { return fail(ErrorCode::Closed, "the compositor has closed the connection"); };
    // What the compositor sends (an output's new mode, at most) is taken in without waiting.
    while (wl_display_prepare_read(display_.get()) != 0) {
        if (wl_display_dispatch_pending(display_.get()) < 0) return lost();
    }
    pollfd ready{.fd = wl_display_get_fd(display_.get()), .events = POLLIN, .revents = 0};
    if (::poll(&ready, 1, 0) > 0) {
        if (wl_display_read_events(display_.get()) < 0) return lost();
    } else {
        wl_display_cancel_read(display_.get());
    }
    if (wl_display_dispatch_pending(display_.get()) < 0) return lost();
    if (wl_display_flush(display_.get()) < 0 && errno != EAGAIN) return lost();
    return {};
}

WaylandSink::~WaylandSink() {
    if (!keyboard_ || !pointer_) return;
    keyboard_->release_all();
    pointer_->release_all();
    if (wl_display_get_error(display_.get()) == 0) (void)wayland::roundtrip(display_.get(), kReleasePatience);
}

}  // namespace

Result<std::unique_ptr<InputSink>> make_wayland_sink(const display::WaylandTarget& target, const KeyboardLayout& layout,
                                                     const KeyboardLocks& locks) {
    auto sink = std::make_unique<WaylandSink>();
    if (auto opened = sink->open(target, layout, locks); !opened) return std::unexpected(opened.error());
    return sink;
}

}  // namespace punktfunk::input
