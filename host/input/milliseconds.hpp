// The time that Wayland's input events carry.
#pragma once

#include <chrono>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::input {

inline uint32_t milliseconds() {
    return static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now().time_since_epoch()).count());
}

}  // namespace punktfunk::input
