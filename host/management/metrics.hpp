// What Prometheus reads.
#pragma once

#include <string>

#include "host_control.hpp"

namespace punktfunk::management {

[[nodiscard]] std::string metrics_text(const HostControl& host, size_t event_listeners);

}  // namespace punktfunk::management
