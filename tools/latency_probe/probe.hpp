// Click to pixel: sends a click, waits for the picture that shows the test surface's answer, and says where the time
// went.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "punktfunk/base/latency_samples.hpp"
#include "punktfunk/client/native_client.hpp"

namespace punktfunk::probe {

struct ProbeOptions {
    unsigned clicks = 200;
    uint32_t seed = 1;  // of the pauses between clicks, which must not keep step with the frames
};

struct ProbeResult {
    struct Stage {
        const char* key;
        const char* label;
        bool across_clocks;  // its ends were read from two machines' clocks
        LatencySamples samples;
    };
    Stage total{"click_to_pixel", "click -> decoded picture", false, {}};
    Stage input{"click_to_surface", "click -> surface has it", true, {}};
    Stage paint{"surface_to_painted", "surface -> painted", false, {}};
    Stage present{"painted_to_presented", "painted -> presented", false, {}};
    Stage host{"presented_to_sent", "presented -> last packet sent", false, {}};
    Stage network{"sent_to_reassembled", "sent -> reassembled", true, {}};
    Stage decode{"reassembled_to_decoded", "reassembled -> decoded", false, {}};
    unsigned clicks = 0, unanswered = 0;
    std::optional<wire::ClockEstimate> clock;
    std::string mode;

    [[nodiscard]] std::string text() const;
    [[nodiscard]] nlohmann::json json() const;
};

// Blocks until all clicks are done or stop_fd is readable. NotAvailable when the stream never shows the surface.
Result<ProbeResult> run_probe(client::NativeClient& connection, const ProbeOptions& options, int stop_fd);

}  // namespace punktfunk::probe
