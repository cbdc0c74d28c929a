// What the control thread and a session's send thread tell each other while it streams.
#pragma once

#include "punktfunk/rate/send_controls.hpp"

namespace punktfunk::moonlight {

// In the base what the send thread is told, here what it says.
struct SendControls : rate::SendControls {
    std::atomic<uint32_t> last_frame{0}, last_keyframe{0};  // by the numbers that the client sees; 0: none yet
    std::atomic<uint64_t> packets{0};
};

}  // namespace punktfunk::moonlight
