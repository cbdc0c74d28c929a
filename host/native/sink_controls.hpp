// What the control thread tells a session's send thread while it streams.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

#include "punktfunk/wire/control.hpp"

namespace punktfunk::native {

class SinkControls {
  public:
    std::atomic<uint8_t> fec_percent{0};
    std::atomic<uint64_t> pace_bytes_per_second{0};  // 0: as fast as it comes

    // A burst of filler (§4.10), already within the host's limits.
    void request_burst(const wire::ProbeRequest& burst) {
        const std::lock_guard lock(mutex_);
        burst_ = burst;
    }
    std::optional<wire::ProbeRequest> take_burst() {
        const std::lock_guard lock(mutex_);
        return std::exchange(burst_, std::nullopt);
    }

  private:
    std::mutex mutex_;
    std::optional<wire::ProbeRequest> burst_;
};

}  // namespace punktfunk::native
