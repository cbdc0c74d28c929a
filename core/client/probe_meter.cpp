#include "probe_meter.hpp"

#include <algorithm>
#include <limits>

namespace punktfunk::client {

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
    if (elapsed_ms > 0) {
        const uint64_t kbps = bytes_ * 8 / static_cast<uint64_t>(elapsed_ms);
        report.throughput_kbps = static_cast<uint32_t>(std::min<uint64_t>(kbps, std::numeric_limits<uint32_t>::max()));
    }
    if (!host_) return report;
    report.host_bytes = host_->bytes_sent;
    report.host_units = host_->packets_sent;
    if (report.host_bytes > bytes_) {
        report.loss_pct = static_cast<float>(100.0 * static_cast<double>(report.host_bytes - bytes_) /
                                             static_cast<double>(report.host_bytes));
    }
    return report;
}

}  // namespace punktfunk::client
