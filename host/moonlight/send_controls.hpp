// What the control thread and a session's send thread tell each other while it streams.
#pragma once

#include <atomic>
#include <cstdint>

namespace punktfunk::moonlight {

struct SendControls {
    // To the send thread.
    std::atomic<uint8_t> fec_percent{20};
    std::atomic<uint64_t> pace_bytes_per_second{0};  // 0: as fast as it comes
    // From it.
    std::atomic<uint32_t> last_frame{0}, last_keyframe{0};  // by the numbers that the client sees; 0: none yet
    std::atomic<uint64_t> packets{0}, too_large{0};         // too_large: frames that no packets could carry
};

}  // namespace punktfunk::moonlight
