#include "punktfunk/rate/send_policy.hpp"

#include <algorithm>

namespace punktfunk::rate {

namespace {
// The encoder is told about changes of a twentieth and more: some restart for one.
constexpr uint32_t kWorthTelling = 20;
}  // namespace

SendPolicy::SendPolicy(uint32_t bitrate_kbps, FecController fec, std::shared_ptr<SendControls> controls,
                       std::function<void(uint32_t)> set_encoder_rate)
    : first_percent_(fec.percent()),
      bitrate_kbps_(bitrate_kbps),
      encoder_kbps_(bitrate_kbps),
      fec_(fec),
      controls_(std::move(controls)),
      set_encoder_rate_(std::move(set_encoder_rate)) {
    apply({});
}

void SendPolicy::set_bitrate(uint32_t kbps, SteadyClock::time_point now) {
    bitrate_kbps_ = kbps;
    apply(now);
}

void SendPolicy::loss_reported(uint32_t loss_ppm, SteadyClock::time_point now) {
    fec_.loss_reported(loss_ppm, now);
    pace_.loss_reported(loss_ppm, now);
    apply(now);
}

void SendPolicy::path_reported(uint32_t kbps, SteadyClock::time_point now) {
    pace_.path_reported(kbps);
    apply(now);
}

void SendPolicy::apply(SteadyClock::time_point now) {
    const uint8_t percent = fec_.percent();
    const uint64_t budget = uint64_t{bitrate_kbps_} * (100 + first_percent_);
    const auto wanted = std::min(bitrate_kbps_, static_cast<uint32_t>(budget / (100 + percent)));
    const uint32_t change = std::max(wanted, encoder_kbps_) - std::min(wanted, encoder_kbps_);
    if (change > 0 && (change >= encoder_kbps_ / kWorthTelling || wanted == bitrate_kbps_)) {
        encoder_kbps_ = wanted;
        set_encoder_rate_(wanted);
    }
    pace_.stream_is(encoder_kbps_, percent);
    controls_->fec_percent = percent;
    controls_->pace_bytes_per_second = pace_.bytes_per_second(now);
}

}  // namespace punktfunk::rate
