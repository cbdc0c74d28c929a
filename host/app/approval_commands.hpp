// pending, approve and deny: the commands over the control socket, and how their answers read.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "punktfunk/native/native_server.hpp"

namespace punktfunk::app {

// nullopt for a command that is none of them.
std::optional<nlohmann::json> answer_approval(const nlohmann::json& request, native::NativeServer& server);
void show_pending(const nlohmann::json& answer);

}  // namespace punktfunk::app
