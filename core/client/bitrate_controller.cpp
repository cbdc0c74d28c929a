#include "punktfunk/client/bitrate_controller.hpp"

#include <algorithm>
#include <utility>

namespace punktfunk::client {

using namespace std::chrono_literals;

namespace {

constexpr double kSlow = 0.7, kUse = 0.85, kUseAfterCollapse = 0.55, kCrowded = 0.95, kStepDown = 0.85;
constexpr double kStepUp = 1.25, kCarefulStepUp = 1.02, kNearCeiling = 0.9;
constexpr double kBadLoss = 0.1, kUnchanged = 0.75, kMoreThanBefore = 1.3;
constexpr uint64_t kSomeLosses = 3, kEnoughPackets = 20;
constexpr auto kSlowFor = 20ms, kCrowdedFor = 300ms;
constexpr auto kStretch = 200ms;
constexpr auto kUp = 300ms, kUpAfterCut = 1000ms, kAfterCut = 500ms;
constexpr auto kCollapseLasts = 500ms;
constexpr auto kDecade = 10s, kCeilingLasts = 20s;
constexpr int64_t kLateNs = 60'000'000;
constexpr int kLateWindows = 4;
constexpr double kNewPath = 1.5;

}  // namespace

BitrateController::BitrateController(uint32_t start_kbps, const BitrateLimits& limits, TimePoint now)
    : limits_(limits),
      rate_kbps_(std::clamp(start_kbps, limits.least_kbps, limits.most_kbps)),
      grow_at_(now + kUpAfterCut),
      stretch_began_(now),
      decade_began_(now) {}

uint32_t BitrateController::video_of(double wire_kbps) const {
    const double kbps = std::min(wire_kbps / wire_for_video_, static_cast<double>(limits_.most_kbps));
    return std::max(limits_.least_kbps, static_cast<uint32_t>(kbps));
}

std::optional<uint32_t> BitrateController::observe(const PathObservation& seen, TimePoint now) {
    const auto& window = seen.window;
    if (window.filler) return std::nullopt;  // a speed test is its own doing
    if (window.received >= kSomeLosses && window.video_bytes > 0) {
        const double ratio = static_cast<double>(window.wire_bytes) / static_cast<double>(window.video_bytes);
        wire_for_video_ += (std::clamp(ratio, 1.0, 3.0) - wire_for_video_) / 8;
    }
    const bool late = queueing(seen, now);
    const auto after_loss = lossy(seen, now);
    if (collapsing(seen, now)) {
        collapsed_until_ = now + kCollapseLasts;
        return cut_to(video_of(*seen.run_kbps * kUseAfterCollapse), now);
    }
    const bool crowded = seen.path_kbps && stream_kbps() > *seen.path_kbps * kCrowded;
    if (!crowded) crowded_since_.reset();
    if (crowded && !crowded_since_) crowded_since_ = now;
    if (crowded && now - *crowded_since_ >= kCrowdedFor) return cut_to(video_of(*seen.path_kbps * kUse), now);
    if ((after_loss || late) && now >= listen_again_) {
        ceiling_kbps_ = rate_kbps_;
        ceiling_until_ = now + kCeilingLasts;
        path_at_ceiling_ = seen.path_kbps;
        return cut_to(after_loss.value_or(static_cast<uint32_t>(rate_kbps_ * kStepDown)), now);
    }
    return grow(seen, now);
}

bool BitrateController::collapsing(const PathObservation& seen, TimePoint now) {
    if (!seen.run_kbps || seen.window.received == 0 || *seen.run_kbps >= kSlow * stream_kbps()) {
        slow_since_.reset();
        return false;
    }
    if (!slow_since_) slow_since_ = now;
    return seen.window.lost() >= kSomeLosses || now - *slow_since_ >= kSlowFor;
}

// What arrives, when much of what was sent did not.
std::optional<uint32_t> BitrateController::lossy(const PathObservation& seen, TimePoint now) {
    stretch_expected_ += seen.window.expected;
    stretch_lost_ += seen.window.lost();
    stretch_bytes_ += seen.window.wire_bytes;
    const auto took = now - stretch_began_;
    if (took < kStretch || stretch_expected_ < kEnoughPackets) return std::nullopt;
    const double loss = static_cast<double>(stretch_lost_) / static_cast<double>(stretch_expected_);
    const double arrived_kbps =
        static_cast<double>(stretch_bytes_) * 8 / std::chrono::duration<double, std::milli>(took).count();
    stretch_began_ = now;
    stretch_expected_ = stretch_lost_ = stretch_bytes_ = 0;
    if (now < listen_again_) return std::nullopt;
    if (loss_at_cut_ > 0 && loss > kBadLoss && loss > kUnchanged * loss_at_cut_) unavoidable_loss_ = loss;
    loss_at_cut_ = 0;
    if (loss < kBadLoss / 2) unavoidable_loss_ = 0;
    if (loss < kBadLoss || loss < kMoreThanBefore * unavoidable_loss_) return std::nullopt;
    loss_at_cut_ = loss;
    return std::min(video_of(arrived_kbps), static_cast<uint32_t>(rate_kbps_ * kStepDown));
}

bool BitrateController::queueing(const PathObservation& seen, TimePoint now) {
    if (!seen.delay_ns) return false;
    if (now - decade_began_ >= kDecade) {
        decade_began_ = now;
        last_decade_least_ = std::exchange(decade_least_, std::nullopt);
    }
    decade_least_ = std::min(decade_least_.value_or(*seen.delay_ns), *seen.delay_ns);
    const int64_t least = std::min(*decade_least_, last_decade_least_.value_or(*decade_least_));
    late_windows_ = *seen.delay_ns - least > kLateNs ? late_windows_ + 1 : 0;
    return late_windows_ >= kLateWindows;
}

std::optional<uint32_t> BitrateController::cut_to(uint32_t kbps, TimePoint now) {
    grow_at_ = std::max(grow_at_, now + kUpAfterCut);
    kbps = std::clamp(kbps, limits_.least_kbps, limits_.most_kbps);
    if (kbps >= rate_kbps_) return std::nullopt;
    slow_since_.reset();
    crowded_since_.reset();
    late_windows_ = 0;
    listen_again_ = now + kAfterCut;
    rate_kbps_ = kbps;
    return kbps;
}

std::optional<uint32_t> BitrateController::grow(const PathObservation& seen, TimePoint now) {
    if (now < grow_at_ || !seen.path_kbps || slow_since_ || late_windows_ > 0) return std::nullopt;
    const bool other_path = path_at_ceiling_ && *seen.path_kbps > kNewPath * *path_at_ceiling_;
    if (now >= ceiling_until_ || other_path) ceiling_kbps_.reset();
    const bool careful = ceiling_kbps_ && rate_kbps_ * kStepUp > *ceiling_kbps_ * kNearCeiling;
    const auto step = static_cast<uint32_t>(rate_kbps_ * (careful ? kCarefulStepUp : kStepUp));
    const uint32_t wanted = std::min(step, video_of(*seen.path_kbps * kUse));
    grow_at_ = now + kUp;
    if (wanted <= rate_kbps_ + rate_kbps_ / 100) return std::nullopt;
    rate_kbps_ = wanted;
    return wanted;
}

}  // namespace punktfunk::client
