// Guessing passwords is slowed: each wrong one doubles the time until the next may be tried from that address, and,
// more mildly, from anywhere but the host itself. Bounded; one thread; no clock of its own.
#pragma once

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/http/peer_address.hpp"

namespace punktfunk::management {

class Throttle {
  public:
    using TimePoint = SteadyClock::time_point;
    static constexpr size_t kMostAddresses = 1024;
    static constexpr int kFree = 3, kFreeGlobally = 20;  // wrong ones that cost nothing yet
    static constexpr std::chrono::seconds kMost{300}, kMostGlobally{8}, kForget{900};

    // Before an attempt: how long to wait first, or nothing, and then it counts as a wrong one until succeeded(): so
    // those that are tried at the same time count as well.
    std::optional<std::chrono::seconds> begin(const boost::asio::ip::address& peer, TimePoint now) {
        forget(now);
        Guesses& mine = by_address_[key(peer)];
        const TimePoint next = peer.is_loopback() ? mine.next : std::max(mine.next, everywhere_.next);
        if (next > now) return std::max(std::chrono::ceil<std::chrono::seconds>(next - now), std::chrono::seconds(1));
        mine.count(kFree, kMost, now);
        if (!peer.is_loopback()) everywhere_.count(kFreeGlobally, kMostGlobally, now);
        return std::nullopt;
    }
    void succeeded(const boost::asio::ip::address& peer) { by_address_.erase(key(peer)); }

  private:
    struct Guesses {
        int wrong = 0;
        TimePoint next{}, last{};
        void count(int free, std::chrono::seconds most, TimePoint now) {
            last = now;
            wrong = std::min(wrong + 1, free + 16);
            if (wrong > free) next = now + std::min(std::chrono::seconds(1 << (wrong - free - 1)), most);
        }
    };
    // A household has one IPv4 address and one /64 of IPv6.
    static std::string key(const boost::asio::ip::address& peer) {
        const auto address = http::unmapped(peer);
        if (address.is_v4()) return address.to_string();
        const auto bytes = address.to_v6().to_bytes();
        return {bytes.begin(), bytes.begin() + 8};
    }
    void forget(TimePoint now) {
        std::erase_if(by_address_,
                      [&](const auto& entry) { return now - entry.second.last > kForget && entry.second.next <= now; });
        if (now - everywhere_.last > kForget) everywhere_ = {};
        if (by_address_.size() < kMostAddresses) return;
        by_address_.erase(
            std::ranges::min_element(by_address_, {}, [](const auto& entry) { return entry.second.last; }));
    }
    std::map<std::string, Guesses> by_address_;
    Guesses everywhere_;
};

}  // namespace punktfunk::management
