#include "punktfunk/net/pacer.hpp"

#include <algorithm>
#include <utility>

namespace punktfunk::net {

using std::chrono::nanoseconds;

Pacer::Grant Pacer::take(size_t wanted, size_t datagram_bytes, SteadyClock::time_point now) {
    if (rate_ == 0) return {.packets = wanted};
    const double packet_ns = static_cast<double>(datagram_bytes + kHeaderBytes) * 1e9 / static_cast<double>(rate_);
    const auto lasting = [&](size_t packets) {
        return nanoseconds(static_cast<int64_t>(static_cast<double>(packets) * packet_ns));
    };
    const auto in_burst_time = static_cast<size_t>(static_cast<double>(nanoseconds(kBurstTime).count()) / packet_ns);
    const size_t burst = std::max(kBurstPackets, in_burst_time);
    // A whole burst when the path has come to rest, half a burst at a time while it has not.
    const size_t group = std::min(wanted, burst / 2);
    sent_until_ = std::max(sent_until_, std::exchange(queue_expected_, false) ? now + lasting(burst) : now);
    const auto room = lasting(burst) - (sent_until_ - now);
    if (room < lasting(group)) return {.ask_again_at = now + (lasting(group) - room)};
    const size_t packets =
        std::clamp(static_cast<size_t>(static_cast<double>(room.count()) / packet_ns + 1e-3), group, wanted);
    sent_until_ += lasting(packets);
    return {.packets = packets};
}

}  // namespace punktfunk::net
