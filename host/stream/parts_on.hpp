// A session's parts, on a display backend of its own.
#pragma once

#include <memory>

#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::stream {

// `display` lives as long as the parts do, and so as long as the session.
[[nodiscard]] inline PipelineParts parts_on(PipelineParts parts, std::shared_ptr<display::DisplayBackend> display) {
    parts.display = display.get();
    parts.open_capture = [display = std::move(display), open = std::move(parts.open_capture)](
                             const display::WaylandTarget& target) { return open(target); };
    return parts;
}

}  // namespace punktfunk::stream
