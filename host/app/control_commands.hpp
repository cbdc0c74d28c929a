// The commands over the control socket: JSON in, JSON out, over the same operations as the management API; and how
// their answers read on a terminal.
#pragma once

#include <nlohmann/json.hpp>

#include "punktfunk/management/host_control.hpp"

namespace punktfunk::app {

// {"ok": true, …} or {"ok": false, "error": "…"}.
[[nodiscard]] nlohmann::json answer_command(const nlohmann::json& request, management::HostControl& host);

void show_status(const nlohmann::json& answer);
void show_pending(const nlohmann::json& answer);

}  // namespace punktfunk::app
