#include "probe_burst.hpp"

#include <algorithm>

#include "punktfunk/session/packet_header.hpp"

namespace punktfunk::native {

namespace {

constexpr uint64_t kBytesPerKilobit = 125;
constexpr uint64_t kUnitsPerSecond = 240;
constexpr uint64_t kSmallestUnit = 1200, kLargestUnit = 262'144;
constexpr uint64_t kLargestOwnUnit = 16'384;  // where nobody counts on the first generation's size: shorter waits
constexpr double kPaceSpare = 1.05;           // so that a unit is through when the next one is due

size_t unit_bytes(uint64_t bytes_per_second, bool own_numbers) {
    return std::clamp(bytes_per_second / kUnitsPerSecond, kSmallestUnit, own_numbers ? kLargestOwnUnit : kLargestUnit);
}

}  // namespace

ProbeBurst::ProbeBurst(const wire::ProbeRequest& request, bool own_numbers, TimePoint now)
    : bytes_per_second_(request.target_kbps * kBytesPerKilobit),
      start_(now),
      end_(now + std::chrono::milliseconds(request.duration_ms)),
      numbering_(own_numbers ? session::Numbering::Probe : session::Numbering::Video),
      unit_(unit_bytes(bytes_per_second_, own_numbers)) {}

ProbeBurst::TimePoint ProbeBurst::next() const {
    const double sent_for = static_cast<double>(counts_.bytes_sent) / static_cast<double>(bytes_per_second_);
    return std::min(end_, start_ + std::chrono::nanoseconds(static_cast<int64_t>(sent_for * 1e9)));
}

uint64_t ProbeBurst::pace(const session::VideoSender& sender, uint8_t fec_percent) const {
    return static_cast<uint64_t>(static_cast<double>(bytes_per_second_) * sender.wire_for_payload(fec_percent) *
                                 kPaceSpare);
}

Result<void> ProbeBurst::send_unit(session::VideoSender& sender) {
    const uint64_t dropped_before = sender.socket_stats().dropped_by_kernel;
    const auto sent = sender.send(unit_, realtime_ns(), session::kFlagProbe, numbering_);
    if (!sent) return std::unexpected(sent.error());
    const auto dropped = static_cast<uint32_t>(sender.socket_stats().dropped_by_kernel - dropped_before);
    wire_.packets_sent += static_cast<uint32_t>(sent->packets) - dropped;
    wire_.packets_dropped += dropped;
    counts_.bytes_sent += unit_.size();
    ++counts_.packets_sent;
    return {};
}

wire::ProbeResult ProbeBurst::result(TimePoint now) const {
    wire::ProbeResult result = counts_;
    result.duration_ms =
        static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now - start_).count());
    if (numbering_ == session::Numbering::Probe) result.wire = wire_;
    return result;
}

}  // namespace punktfunk::native
