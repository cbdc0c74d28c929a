#include "punktfunk/net/pacer.hpp"

#include <algorithm>

namespace punktfunk::net {

FramePacer::FramePacer(const PacerConfig& config, size_t packets, size_t packet_bytes, SteadyClock::time_point now,
                       SteadyClock::time_point deadline)
    : packets_(packets), group_packets_(std::max<size_t>(config.group_packets, 1)), slack_(config.slack), start_(now) {
    // The packet that reaches the burst's size still belongs to it.
    const size_t burst = packet_bytes == 0 ? packets : (config.burst_bytes + packet_bytes - 1) / packet_bytes;
    burst_packets_ = std::min(packets, burst);
    budget_ = std::max<std::chrono::nanoseconds>(deadline - now, std::chrono::nanoseconds(0)) * 9 / 10;
    groups_ = (packets - burst_packets_ + group_packets_ - 1) / group_packets_;
}

// The first group follows the burst at once; the others keep their distance.
SteadyClock::time_point FramePacer::due(size_t packet) const {
    if (packet < burst_packets_) return start_;
    const size_t group = (packet - burst_packets_) / group_packets_;
    return start_ + budget_ * static_cast<int64_t>(group) / static_cast<int64_t>(groups_);
}

bool FramePacer::next(SteadyClock::time_point now, Run& out) {
    if (position_ >= packets_) return false;
    const auto at = due(position_);
    out = {position_, 0, at - now > slack_ ? at : now};
    if (position_ < burst_packets_) position_ = burst_packets_;
    while (position_ < packets_ && due(position_) - out.send_at <= slack_)
        position_ = std::min(packets_, position_ + group_packets_);
    out.count = position_ - out.first;
    return true;
}

}  // namespace punktfunk::net
