// Which ENet channel a message travels on, and how (spec §5.2). Channels are ordered only in themselves: a host takes
// any message on any of them, and sends everything reliably on channel 0.
#pragma once

#include <cstdint>

#include "punktfunk/gs_control/input.hpp"
#include "punktfunk/gs_control/messages.hpp"

namespace punktfunk::gs_control {

inline constexpr uint8_t kHostChannel = 0;
inline constexpr uint8_t kChannelCount = 48;  // what clients ask for; granting fewer makes theirs wait for each other

enum class Delivery : uint8_t { UnreliableSequenced = 0, Reliable = 1, Unsequenced = 2 };

struct Route {
    uint8_t channel = 0;
    Delivery delivery = Delivery::Reliable;
    bool operator==(const Route&) const = default;
};

// The client's choice. A pen that hovers or moves is sent unreliably only while its buttons stay as they are: the
// caller knows whether they do.
[[nodiscard]] Route route_of(const InputEvent& event);
[[nodiscard]] Route route_of(const ClientMessage& message);  // of anything but Input

}  // namespace punktfunk::gs_control
