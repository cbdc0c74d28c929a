// The client's half of a speed test (spec §4.10): counts what arrives of a burst and sets it against what the host says
// it sent. Pure arithmetic, no locking.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/session/video_receiver.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::client {

struct ProbeReport {
    bool done = false;  // the host's result is in
    uint64_t recv_bytes = 0, host_bytes = 0;
    uint32_t recv_units = 0, host_units = 0;  // access units
    uint32_t elapsed_ms = 0;                  // first arrival to last
    uint32_t throughput_kbps = 0;
    float loss_pct = 0;
    // Datagrams, headers of IPv4 and UDP counted. The host's: 0 when it does not tell.
    uint64_t recv_wire_packets = 0, host_wire_packets = 0;
    uint32_t wire_kbps = 0;
};

class ProbeMeter {
  public:
    // Forgets the last burst.
    void start() { *this = {}; }
    void unit_arrived(size_t bytes, SteadyClock::time_point at);
    void packets_arrived(const session::FillerArrivals& arrivals) { arrivals_ = arrivals; }
    void host_finished(const wire::ProbeResult& result) { host_ = result; }
    [[nodiscard]] ProbeReport report() const;

  private:
    uint64_t bytes_ = 0;
    uint32_t units_ = 0;
    SteadyClock::time_point first_, last_;
    std::optional<wire::ProbeResult> host_;
    session::FillerArrivals arrivals_;
};

}  // namespace punktfunk::client
