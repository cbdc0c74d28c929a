// What a client tells its host about the path, and when (docs/rate-control.md): losses, every 750 ms and at once when
// they begin; the path's capacity, when it has changed; what parity brought back, when that has grown; the bitrate,
// when it is automatic. Pure; times are given.
#pragma once

#include <optional>
#include <vector>

#include "punktfunk/client/bitrate_controller.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::client {

class Feedback {
  public:
    using TimePoint = SteadyClock::time_point;
    static constexpr std::chrono::milliseconds kTick{10};
    static constexpr std::chrono::milliseconds kLossInterval{750}, kUrgentLossInterval{150};

    explicit Feedback(TimePoint now) : next_loss_report_(now + kLossInterval), urgent_loss_report_(now) {}

    void follow_path(uint32_t start_kbps, const BitrateLimits& limits, TimePoint now) {
        bitrate_.emplace(start_kbps, limits, now);
    }
    // The host does not answer: it cannot change its rate.
    void stop_following() { bitrate_.reset(); }

    // A frame came: its first packet's arrival and its pts, in whatever clocks.
    void frame(uint64_t first_packet_ns, uint64_t pts_ns);
    // When kTick has passed: what to send. `recovered`: shards that parity has brought back, ever.
    std::vector<wire::TypedMessage> tick(session::ArrivalMeter& meter, uint64_t recovered, TimePoint now);

  private:
    void report_losses(const session::ArrivalMeter::Window& window, TimePoint now,
                       std::vector<wire::TypedMessage>& out);
    void report_path(std::optional<uint32_t> kbps, TimePoint now, std::vector<wire::TypedMessage>& out);
    void send_path(uint32_t kbps, TimePoint now, std::vector<wire::TypedMessage>& out);
    void report_recovery(uint64_t recovered, TimePoint now, std::vector<wire::TypedMessage>& out);

    std::optional<BitrateController> bitrate_;
    TimePoint last_tick_{};
    std::optional<int64_t> least_delay_ns_;
    uint64_t expected_ = 0, received_ = 0;
    TimePoint next_loss_report_, urgent_loss_report_, next_path_report_{};
    uint32_t reported_path_kbps_ = 0;
    std::optional<uint64_t> reported_recovered_;
    TimePoint next_recovery_report_{};
};

}  // namespace punktfunk::client
