#include "punktfunk/demo_desktop/window.hpp"

#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>
#include <xdg-shell-client.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::demo {

namespace {

// One on the screen, one waiting for it, one being painted.
constexpr size_t kBuffers = 3;

struct Buffer {
    wl_buffer* handle = nullptr;
    std::span<uint32_t> pixels;
    bool busy = false;
};

}  // namespace

struct Window::State {
    WindowOptions options;
    Paint paint;

    wl_display* display = nullptr;
    wl_registry* registry = nullptr;
    wl_compositor* compositor = nullptr;
    wl_shm* shm = nullptr;
    xdg_wm_base* shell = nullptr;
    wl_seat* seat = nullptr;        // when presses are wanted
    wl_pointer* pointer = nullptr;  // while the seat has one
    wl_surface* surface = nullptr;
    xdg_surface* shell_surface = nullptr;
    xdg_toplevel* toplevel = nullptr;
    wl_callback* frame = nullptr;

    uint32_t width = 0, height = 0;            // painted at
    uint32_t next_width = 0, next_height = 0;  // told by the compositor, not yet acknowledged
    void* mapping = MAP_FAILED;
    size_t mapping_bytes = 0;
    std::array<Buffer, kBuffers> buffers;
    bool paint_due = false;  // a frame is wanted, but every buffer was still in use
    bool closed = false;
    Result<void> outcome;

    Result<void> connect();
    Result<void> allocate();
    void free_buffers();
    void draw();
    ~State();
};

namespace {

using State = Window::State;

constexpr wl_pointer_listener make_pointer_listener() {
    wl_pointer_listener listener{};
    listener.enter = [](void*, wl_pointer*, uint32_t, wl_surface*, wl_fixed_t, wl_fixed_t) {};
    listener.leave = [](void*, wl_pointer*, uint32_t, wl_surface*) {};
    listener.motion = [](void*, wl_pointer*, uint32_t, wl_fixed_t, wl_fixed_t) {};
    listener.button = [](void* data, wl_pointer*, uint32_t, uint32_t, uint32_t, uint32_t is_down) {
        auto* state = static_cast<State*>(data);
        if (is_down != WL_POINTER_BUTTON_STATE_PRESSED) return;
        state->options.pressed();
        state->draw();
    };
    listener.axis = [](void*, wl_pointer*, uint32_t, uint32_t, wl_fixed_t) {};
    return listener;
}
constexpr wl_pointer_listener kPointerListener = make_pointer_listener();

constexpr wl_seat_listener kSeatListener = {
    .capabilities =
        [](void* data, wl_seat* seat, uint32_t capabilities) {
            auto* state = static_cast<State*>(data);
            const bool has_pointer = (capabilities & WL_SEAT_CAPABILITY_POINTER) != 0;
            if (has_pointer && state->pointer == nullptr) {
                state->pointer = wl_seat_get_pointer(seat);
                wl_pointer_add_listener(state->pointer, &kPointerListener, state);
            } else if (!has_pointer && state->pointer != nullptr) {
                wl_pointer_destroy(std::exchange(state->pointer, nullptr));
            }
        },
    .name = [](void*, wl_seat*, const char*) {}};

void on_global(void* data, wl_registry* registry, uint32_t name, const char* interface, uint32_t version) {
    auto* state = static_cast<State*>(data);
    const std::string_view wanted(interface);
    const auto bind = [&](const wl_interface& type, uint32_t highest) {
        return wl_registry_bind(registry, name, &type, std::min(version, highest));
    };
    if (wanted == wl_compositor_interface.name) {
        state->compositor = static_cast<wl_compositor*>(bind(wl_compositor_interface, 4));
    } else if (wanted == wl_shm_interface.name) {
        state->shm = static_cast<wl_shm*>(bind(wl_shm_interface, 1));
    } else if (wanted == xdg_wm_base_interface.name) {
        state->shell = static_cast<xdg_wm_base*>(bind(xdg_wm_base_interface, 1));
    } else if (wanted == wl_seat_interface.name && state->options.pressed && state->seat == nullptr) {
        state->seat = static_cast<wl_seat*>(bind(wl_seat_interface, 1));
        wl_seat_add_listener(state->seat, &kSeatListener, state);
    }
}
constexpr wl_registry_listener kRegistryListener = {.global = on_global,
                                                    .global_remove = [](void*, wl_registry*, uint32_t) {}};

constexpr xdg_wm_base_listener kShellListener = {
    .ping = [](void*, xdg_wm_base* shell, uint32_t serial) { xdg_wm_base_pong(shell, serial); }};

constexpr xdg_surface_listener kSurfaceListener = {.configure = [](void* data, xdg_surface* surface, uint32_t serial) {
    auto* state = static_cast<State*>(data);
    xdg_surface_ack_configure(surface, serial);
    const uint32_t width = state->next_width != 0 ? state->next_width : state->options.width;
    const uint32_t height = state->next_height != 0 ? state->next_height : state->options.height;
    if (width == state->width && height == state->height) return;
    state->width = width;
    state->height = height;
    if (state->outcome = state->allocate(); state->outcome) state->draw();
}};

constexpr wl_buffer_listener kBufferListener = {.release = [](void* data, wl_buffer* released) {
    auto* state = static_cast<State*>(data);
    for (Buffer& buffer : state->buffers) {
        if (buffer.handle == released) buffer.busy = false;
    }
    if (state->paint_due) state->draw();
}};

constexpr wl_callback_listener kFrameListener = {.done = [](void* data, wl_callback* callback, uint32_t) {
    auto* state = static_cast<State*>(data);
    wl_callback_destroy(callback);
    state->frame = nullptr;
    state->draw();
}};

// Members a newer libwayland-protocols adds are for newer versions than the one bound here.
constexpr xdg_toplevel_listener make_toplevel_listener() {
    xdg_toplevel_listener listener{};
    listener.configure = [](void* data, xdg_toplevel*, int32_t width, int32_t height, wl_array*) {
        static_cast<State*>(data)->next_width = static_cast<uint32_t>(std::max(width, 0));
        static_cast<State*>(data)->next_height = static_cast<uint32_t>(std::max(height, 0));
    };
    listener.close = [](void* data, xdg_toplevel*) { static_cast<State*>(data)->closed = true; };
    return listener;
}
constexpr xdg_toplevel_listener kToplevelListener = make_toplevel_listener();

}  // namespace

Result<void> Window::State::connect() {
    display = wl_display_connect(nullptr);
    if (display == nullptr) {
        return fail(ErrorCode::NotAvailable, "no Wayland desktop: WAYLAND_DISPLAY and XDG_RUNTIME_DIR must name one");
    }
    registry = wl_display_get_registry(display);
    wl_registry_add_listener(registry, &kRegistryListener, this);
    if (wl_display_roundtrip(display) < 0 || compositor == nullptr || shm == nullptr || shell == nullptr) {
        return fail(ErrorCode::NotAvailable, "this desktop has no wl_compositor, wl_shm and xdg_wm_base");
    }
    xdg_wm_base_add_listener(shell, &kShellListener, this);
    surface = wl_compositor_create_surface(compositor);
    shell_surface = xdg_wm_base_get_xdg_surface(shell, surface);
    xdg_surface_add_listener(shell_surface, &kSurfaceListener, this);
    toplevel = xdg_surface_get_toplevel(shell_surface);
    xdg_toplevel_add_listener(toplevel, &kToplevelListener, this);
    xdg_toplevel_set_app_id(toplevel, options.app_id.c_str());
    xdg_toplevel_set_title(toplevel, options.app_id.c_str());
    if (options.fullscreen) {
        xdg_toplevel_set_fullscreen(toplevel, nullptr);
    } else {  // a fixed size: tiling compositors float such a window
        xdg_toplevel_set_min_size(toplevel, static_cast<int32_t>(options.width), static_cast<int32_t>(options.height));
        xdg_toplevel_set_max_size(toplevel, static_cast<int32_t>(options.width), static_cast<int32_t>(options.height));
    }
    wl_surface_commit(surface);
    return {};
}

void Window::State::free_buffers() {
    for (Buffer& buffer : buffers) {
        if (buffer.handle != nullptr) wl_buffer_destroy(buffer.handle);
        buffer = {};
    }
    if (mapping != MAP_FAILED) ::munmap(mapping, mapping_bytes);
    mapping = MAP_FAILED;
}

Result<void> Window::State::allocate() {
    free_buffers();
    const size_t pixels = size_t{width} * height;
    mapping_bytes = 4 * pixels * kBuffers;
    const UniqueFd file(::memfd_create("punktfunk-demo", MFD_CLOEXEC));
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(mapping_bytes)) != 0) {
        return fail(ErrorCode::Exhausted, "no memory for {}x{}: {}", width, height, std::strerror(errno));
    }
    mapping = ::mmap(nullptr, mapping_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (mapping == MAP_FAILED) return fail(ErrorCode::Exhausted, "no memory for {}x{}", width, height);
    wl_shm_pool* pool = wl_shm_create_pool(shm, file.get(), static_cast<int32_t>(mapping_bytes));
    for (size_t i = 0; i < kBuffers; ++i) {
        buffers[i].pixels = {static_cast<uint32_t*>(mapping) + i * pixels, pixels};
        buffers[i].handle = wl_shm_pool_create_buffer(pool, static_cast<int32_t>(4 * pixels * i),
                                                      static_cast<int32_t>(width), static_cast<int32_t>(height),
                                                      static_cast<int32_t>(4 * width), WL_SHM_FORMAT_XRGB8888);
        wl_buffer_add_listener(buffers[i].handle, &kBufferListener, this);
    }
    wl_shm_pool_destroy(pool);
    return {};
}

void Window::State::draw() {
    if (frame != nullptr) return;
    const auto free = std::ranges::find(buffers, false, &Buffer::busy);
    paint_due = free == buffers.end();
    if (paint_due) return;
    const auto again = paint({free->pixels, width, height});
    if (!again) {
        outcome = std::unexpected(again.error());
        return;
    }
    free->busy = true;
    if (*again) {
        frame = wl_surface_frame(surface);
        wl_callback_add_listener(frame, &kFrameListener, this);
    }
    wl_surface_attach(surface, free->handle, 0, 0);
    wl_surface_damage_buffer(surface, 0, 0, static_cast<int32_t>(width), static_cast<int32_t>(height));
    wl_surface_commit(surface);
}

Window::State::~State() {
    if (frame != nullptr) wl_callback_destroy(frame);
    free_buffers();
    if (toplevel != nullptr) xdg_toplevel_destroy(toplevel);
    if (shell_surface != nullptr) xdg_surface_destroy(shell_surface);
    if (surface != nullptr) wl_surface_destroy(surface);
    if (pointer != nullptr) wl_pointer_destroy(pointer);
    if (seat != nullptr) wl_seat_destroy(seat);
    if (shell != nullptr) xdg_wm_base_destroy(shell);
    if (shm != nullptr) wl_shm_destroy(shm);
    if (compositor != nullptr) wl_compositor_destroy(compositor);
    if (registry != nullptr) wl_registry_destroy(registry);
    if (display != nullptr) wl_display_disconnect(display);
}

Window::Window(std::unique_ptr<State> state) : state_(std::move(state)) {}
Window::~Window() = default;

Result<std::unique_ptr<Window>> Window::open(const WindowOptions& options, Paint paint) {
    auto state = std::make_unique<State>();
    state->options = options;
    state->paint = std::move(paint);
    if (auto connected = state->connect(); !connected) return std::unexpected(connected.error());
    return std::unique_ptr<Window>(new Window(std::move(state)));
}

Result<void> Window::run() {
    while (!state_->closed && state_->outcome) {
        if (wl_display_dispatch(state_->display) < 0) return fail(ErrorCode::Closed, "the desktop went away");
    }
    return state_->outcome;
}

}  // namespace punktfunk::demo
