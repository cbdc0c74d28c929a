#include "punktfunk/native/pairing_window.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "punktfunk/crypto/random.hpp"

namespace punktfunk::native {

std::string PairingWindow::arm(std::chrono::seconds ttl, TimePoint now) {
    pin_ = fmt::format("{:04}", crypto::random_below(10'000));
    ttl_ = std::clamp(ttl, kMinTtl, kMaxTtl);
    expires_ = now + ttl_;
    guesses_ = 0;
    return pin_;
}

void PairingWindow::disarm() {
    pin_.clear();
}

std::optional<std::chrono::seconds> PairingWindow::remaining(TimePoint now) const {
    if (pin_.empty() || now >= expires_) return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(expires_ - now);
}

std::optional<PairingWindow::Armed> PairingWindow::armed(TimePoint now) const {
    const auto left = remaining(now);
    return left ? std::optional(Armed{pin_, *left, ttl_}) : std::nullopt;
}

std::expected<std::string, PairingWindow::Refused> PairingWindow::begin(TimePoint now) {
    if (!remaining(now)) return std::unexpected(Refused::NotArmed);
    if (last_ceremony_ && now - *last_ceremony_ < kCooldown) return std::unexpected(Refused::CoolingDown);
    last_ceremony_ = now;
    return pin_;
}

void PairingWindow::guessed() {
    if (++guesses_ >= kMaxGuesses) disarm();
}

void PairingWindow::succeeded() {
    disarm();
}

}  // namespace punktfunk::native
