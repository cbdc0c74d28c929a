#include "punktfunk/client/feedback.hpp"

#include <algorithm>
#include <utility>

namespace punktfunk::client {

using namespace std::chrono_literals;

namespace {
constexpr uint64_t kUrgentLosses = 8, kUrgentShare = 50;  // eight, and one of fifty
constexpr auto kPathInterval = 1s, kRecoveryInterval = 1s;
constexpr uint32_t kPathChange = 4;  // a quarter
}  // namespace

void Feedback::frame(uint64_t first_packet_ns, uint64_t pts_ns) {
    const auto delay = static_cast<int64_t>(first_packet_ns - pts_ns);
    least_delay_ns_ = std::min(least_delay_ns_.value_or(delay), delay);
}

std::vector<wire::TypedMessage> Feedback::tick(session::ArrivalMeter& meter, uint64_t recovered, TimePoint now) {
    std::vector<wire::TypedMessage> out;
    if (now - last_tick_ < kTick) return out;
    last_tick_ = now;
    const PathObservation seen{.window = meter.take_window(),
                               .path_kbps = meter.path_kbps(),
                               .run_kbps = meter.run_kbps(),
                               .delay_ns = std::exchange(least_delay_ns_, std::nullopt)};
    if (bitrate_) {
        if (const auto kbps = bitrate_->observe(seen, now)) {
            // The pace first: what follows would only be lost at the old one.
            if (bitrate_->collapsed(now) && seen.run_kbps) send_path(*seen.run_kbps, now, out);
            out.emplace_back(wire::SetBitrate{*kbps});
        }
    }
    if (!seen.window.filler) {
        report_losses(seen.window, now, out);
        report_path(seen.path_kbps, now, out);
    }
    report_recovery(recovered, now, out);
    return out;
}

void Feedback::report_losses(const session::ArrivalMeter::Window& window, TimePoint now,
                             std::vector<wire::TypedMessage>& out) {
    if (!bitrate_ || !bitrate_->collapsed(now)) {
        expected_ += window.expected;
        received_ += window.received;
    }
    const uint64_t lost = expected_ > received_ ? expected_ - received_ : 0;
    const bool urgent = now >= urgent_loss_report_ && lost >= kUrgentLosses && lost * kUrgentShare >= expected_;
    if (expected_ == 0 || (now < next_loss_report_ && !urgent)) return;
    out.emplace_back(wire::LossReport{static_cast<uint32_t>(lost * 1'000'000 / expected_)});
    next_loss_report_ = now + kLossInterval;
    urgent_loss_report_ = now + kUrgentLossInterval;
    expected_ = received_ = 0;
}

void Feedback::report_path(std::optional<uint32_t> kbps, TimePoint now, std::vector<wire::TypedMessage>& out) {
    if (!kbps || now < next_path_report_) return;
    const uint32_t change = std::max(*kbps, reported_path_kbps_) - std::min(*kbps, reported_path_kbps_);
    if (change <= reported_path_kbps_ / kPathChange) return;
    send_path(*kbps, now, out);
}

void Feedback::send_path(uint32_t kbps, TimePoint now, std::vector<wire::TypedMessage>& out) {
    out.emplace_back(wire::PathReport{kbps});
    reported_path_kbps_ = kbps;
    next_path_report_ = now + kPathInterval;
}

// The first one says nothing but that this client tells.
void Feedback::report_recovery(uint64_t recovered, TimePoint now, std::vector<wire::TypedMessage>& out) {
    if (recovered == reported_recovered_ || now < next_recovery_report_) return;
    out.emplace_back(wire::RecoveryReport{recovered});
    reported_recovered_ = recovered;
    next_recovery_report_ = now + kRecoveryInterval;
}

}  // namespace punktfunk::client
