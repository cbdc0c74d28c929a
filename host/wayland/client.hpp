// What every Wayland client in the host needs: handles that free themselves, and a round trip that a compositor which
// has stopped cannot hold up.
#pragma once

#include <wayland-client.h>

#include <chrono>
#include <memory>

#include "punktfunk/base/error.hpp"

namespace punktfunk::wayland {

template <auto Destroy>
struct Deleter {
    template <typename T>
    void operator()(T* object) const {
        Destroy(object);
    }
};
template <typename T, auto Destroy>
using Owned = std::unique_ptr<T, Deleter<Destroy>>;

inline constexpr std::chrono::milliseconds kRoundtripPatience{5000};

// Everything sent before it has been seen by the compositor, and its answers have been dispatched. Closed when the
// compositor is gone or refused something, Timeout when it does not answer.
Result<void> roundtrip(wl_display* display, std::chrono::milliseconds patience = kRoundtripPatience);

}  // namespace punktfunk::wayland
