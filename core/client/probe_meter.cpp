#include "probe_meter.hpp"

#include <algorithm>
#include <limits>

namespace punktfunk::client {

namespace {
uint32_t kbps_of(uint64_t bytes, SteadyClock::duration took) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    if (ms <= 0) return 0;
    return static_cast<uint32_t>(
        std::min<uint64_t>(bytes * 8 / static_cast<uint64_t>(ms), std::numeric_limits<uint32_t>::max()));
}
}  // namespace

void ProbeMeter::unit_arrived(size_t bytes, SteadyClock::time_point at) {
    if (units_++ == 0) first_ = at;
    last_ = at;
    bytes_ += bytes;
}

ProbeReport ProbeMeter::report() const {
    const auto elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(last_ - first_).count();
    ProbeReport report{.done = host_.has_value(),
                       .recv_bytes = bytes_,
                       .recv_units = units_,
                       .elapsed_ms = static_cast<uint32_t>(elapsed_ms)};
    report.throughput_kbps = kbps_of(bytes_, last_ - first_);
    report.recv_wire_packets = arrivals_.packets;
    report.wire_kbps = kbps_of(arrivals_.wire_bytes, arrivals_.last - arrivals_.first);
    if (!host_) return report;
    report.host_bytes = host_->bytes_sent;
    report.host_units = host_->packets_sent;
    if (host_->wire) report.host_wire_packets = host_->wire->packets_sent;
    if (report.host_bytes > bytes_) {
        report.loss_pct = static_cast<float>(100.0 * static_cast<double>(report.host_bytes - bytes_) /
                                             static_cast<double>(report.host_bytes));
    }
    return report;
}

}  // namespace punktfunk::client
