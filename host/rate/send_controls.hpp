// What the control thread tells a session's send thread while it streams.
#pragma once

#include <atomic>
#include <cstdint>

namespace punktfunk::rate {

struct SendControls {
    std::atomic<uint8_t> fec_percent{0};
    std::atomic<uint64_t> pace_bytes_per_second{0};  // 0: as fast as it comes
};

}  // namespace punktfunk::rate
