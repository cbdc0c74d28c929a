#include "session_status.hpp"

namespace punktfunk::app {

using nlohmann::json;

namespace {

json describe(const stream::Percentiles& latency) {
    return {{"p50", latency.p50_us}, {"p95", latency.p95_us}, {"p99", latency.p99_us}};
}

}  // namespace

json describe_session(const std::string& client, const std::string& encoder, const display::Mode& mode,
                      const stream::StreamStats& stats) {
    return {{"client", client},
            {"encoder", encoder},
            {"width", mode.width},
            {"height", mode.height},
            {"refresh_hz", mode.refresh_hz},
            {"frames_encoded", stats.frames_encoded},
            {"rebuilds", stats.rebuilds},
            {"sound_packets", stats.sound_packets},
            {"latency_us",
             {{"compositor_copy", describe(stats.copy)},
              {"encode", describe(stats.encode)},
              {"host", describe(stats.host)}}}};
}

}  // namespace punktfunk::app
