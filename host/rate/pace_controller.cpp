#include "punktfunk/rate/pace_controller.hpp"

#include <algorithm>

namespace punktfunk::rate {

namespace {
// A full packet of IPv4 around a shard of 1408 bytes.
constexpr double kWireForPayload = 1500.0 / 1408.0;
constexpr double kBytesPerKilobit = 125;
// Of 500 packets a second: small frames are whole packets with a whole packet of parity, several times their rate.
constexpr double kLeastBytes = 750'000;
}  // namespace

void PaceController::stream_is(uint32_t kbps, uint8_t fec_percent) {
    stream_bytes_ = kbps * kBytesPerKilobit * (1 + fec_percent / 100.0) * kWireForPayload;
}

void PaceController::loss_reported(uint32_t loss_ppm, SteadyClock::time_point now) {
    if (loss_ppm >= kLossPpm) {
        growth_ = kSpare;
        if (now < held_until_) return;
        held_until_ = now + hold_;
        hold_ = std::min(hold_ * 4, kLongestHold);
    } else if (now >= held_until_) {
        growth_ = std::min(growth_ * kGrowth, kMostGrowth);
        if (now >= held_until_ + kLongestHold) hold_ = kFirstHold;
    }
}

uint64_t PaceController::bytes_per_second(SteadyClock::time_point now) const {
    const auto path = path_kbps_ ? std::optional(*path_kbps_ * kBytesPerKilobit * kOfThePath) : std::nullopt;
    double pace = std::max(stream_bytes_ * kSpare, std::min(kLeastBytes, path.value_or(kLeastBytes)));
    if (now >= held_until_) pace = std::max(pace, path.value_or(stream_bytes_ * growth_));
    return static_cast<uint64_t>(pace);
}

}  // namespace punktfunk::rate
