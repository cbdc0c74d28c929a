#include "punktfunk/net/pacer.hpp"

#include <algorithm>

namespace punktfunk::net {

FramePacer::FramePacer(const PacerConfig& config, size_t packets, size_t packet_bytes, SteadyClock::time_point now,
                       SteadyClock::time_point deadline)
    : packets_(packets), group_packets_(std::max<size_t>(config.group_packets, 1)), start_(now) {
    // The packet that reaches the burst's size still belongs to it.
    const size_t burst = packet_bytes == 0 ? packets : (config.burst_bytes + packet_bytes - 1) / packet_bytes;
    burst_packets_ = std::min(packets, burst);
    budget_ = std::max<std::chrono::nanoseconds>(deadline - now, std::chrono::nanoseconds(0)) * 9 / 10;
    if (budget_.count() == 0) burst_packets_ = packets;
    groups_ = (packets - burst_packets_ + group_packets_ - 1) / group_packets_;
}

bool FramePacer::next(Group& out) {
    if (position_ >= packets_) return false;
    if (position_ < burst_packets_) {
        out = {position_, burst_packets_ - position_, start_};
    } else {
        const size_t count = std::min(group_packets_, packets_ - position_);
        // The first group follows the burst at once; the others keep their distance.
        out = {position_, count, start_ + budget_ * static_cast<int64_t>(index_) / static_cast<int64_t>(groups_)};
        ++index_;
    }
    position_ += out.count;
    return true;
}

}  // namespace punktfunk::net
