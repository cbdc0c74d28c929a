// What the control thread tells a session's send thread while it streams: bursts, too.
#pragma once

#include <mutex>
#include <optional>
#include <utility>

#include "punktfunk/rate/send_controls.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::native {

class SinkControls : public rate::SendControls {
  public:
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
