#include "speed_ramp.hpp"

#include <algorithm>

namespace punktfunk::cli {

namespace {
constexpr double kMuchLoss = 0.02;
constexpr double kNearlyAll = 0.9;      // of what was sent; less means that the path is full
constexpr double kCannot = 0.8;         // of what was asked for; a host that sends less cannot do more
constexpr double kConfirm = 0.9;        // of what came through
constexpr double kUse = 0.8;            // of the path, for one stream
constexpr double kWireForVideo = 1.28;  // a fifth of parity, and headers
}  // namespace

bool SpeedRamp::full(const Burst& burst) {
    return burst.loss > kMuchLoss || burst.arrived_kbps < kNearlyAll * burst.sent_kbps ||
           burst.sent_kbps < kCannot * burst.asked_kbps;
}

bool SpeedRamp::filled() const {
    return std::ranges::any_of(bursts_, full);
}

std::optional<uint32_t> SpeedRamp::next_kbps() const {
    if (bursts_.empty()) return kFirstKbps;
    const auto first_full = std::ranges::find_if(bursts_, full);
    if (first_full == bursts_.end()) {
        const uint32_t last = bursts_.back().asked_kbps;
        return last >= kMostKbps ? std::nullopt : std::optional(std::min(2 * last, kMostKbps));
    }
    if (first_full + 1 != bursts_.end()) return std::nullopt;
    return std::max(1u, static_cast<uint32_t>(first_full->arrived_kbps * kConfirm));
}

uint32_t SpeedRamp::path_kbps() const {
    uint32_t best = 0;
    for (const Burst& burst : bursts_) best = std::max(best, burst.arrived_kbps);
    return best;
}

uint32_t SpeedRamp::recommended_kbps() const {
    if (bursts_.empty()) return 0;
    // The last burst of a path that was filled was to fit. When it did not, less is to be had than what came through.
    double path = path_kbps();
    if (filled() && bursts_.size() > 1 && bursts_.back().loss > kMuchLoss)
        path = std::min<double>(path, bursts_.back().arrived_kbps) * (1 - bursts_.back().loss);
    return static_cast<uint32_t>(path * kUse / kWireForVideo);
}

}  // namespace punktfunk::cli
