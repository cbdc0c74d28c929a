#include "punktfunk/wayland/client.hpp"

#include <poll.h>

#include <cerrno>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::wayland {

Result<void> roundtrip(wl_display* display, std::chrono::milliseconds patience) {
    constexpr wl_callback_listener kDone = {
        .done = [](void* data, wl_callback*, uint32_t) { *static_cast<bool*>(data) = true; }};
    bool done = false;
    const Owned<wl_callback, wl_callback_destroy> answer(wl_display_sync(display));
    wl_callback_add_listener(answer.get(), &kDone, &done);
    const auto deadline = SteadyClock::now() + patience;
    const auto lost = [] { return fail(ErrorCode::Closed, "the compositor has closed the connection"); };
    while (!done) {
        while (wl_display_prepare_read(display) != 0) {
            if (wl_display_dispatch_pending(display) < 0) return lost();
        }
        const bool full = wl_display_flush(display) < 0 && errno == EAGAIN;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
        pollfd ready{wl_display_get_fd(display), static_cast<short>(full ? POLLIN | POLLOUT : POLLIN), 0};
        const int polled = left > 0 ? ::poll(&ready, 1, static_cast<int>(left)) : 0;
        if (polled > 0 && (ready.revents & ~POLLOUT) != 0) {
            if (wl_display_read_events(display) < 0) return lost();
        } else {
            wl_display_cancel_read(display);
        }
        if (wl_display_dispatch_pending(display) < 0) return lost();
        if (left <= 0 && !done)
            return fail(ErrorCode::Timeout, "the compositor has not answered for {} ms", patience.count());
    }
    return {};
}

}  // namespace punktfunk::wayland
