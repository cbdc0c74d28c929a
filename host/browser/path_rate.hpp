// The bitrate that a page's path takes, told by how long its pictures had to wait for the socket.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace punktfunk::browser {

class PathRate {
  public:
    static constexpr uint32_t kLeastKbps = 500;
    static constexpr std::chrono::milliseconds kInterval{500};  // between two calls of observe()

    explicit PathRate(uint32_t wanted_kbps) : wanted_(wanted_kbps), kbps_(wanted_kbps) {}

    // How much of the interval was spent waiting. Answers a rate that is new.
    std::optional<uint32_t> observe(std::chrono::nanoseconds waited) {
        const double share = std::chrono::duration<double>(waited) / kInterval;
        if (share > 0.5) {
            calm_ = 0;
            return change(kbps_ * 0.7);
        }
        calm_ = share < 0.25 ? calm_ + 1 : 0;
        if (calm_ < kCalmIntervals) return std::nullopt;
        calm_ = 0;
        return change(kbps_ * 1.2);
    }
    [[nodiscard]] uint32_t kbps() const { return kbps_; }

  private:
    static constexpr int kCalmIntervals = 4;

    std::optional<uint32_t> change(double to) {
        const auto kbps = static_cast<uint32_t>(std::clamp<double>(to, std::min(kLeastKbps, wanted_), wanted_));
        if (kbps == kbps_) return std::nullopt;
        kbps_ = kbps;
        return kbps;
    }

    uint32_t wanted_, kbps_;
    int calm_ = 0;
};

}  // namespace punktfunk::browser
