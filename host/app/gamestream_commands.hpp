// The GameStream host's part of the commands over the control socket, and how their answers read.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "punktfunk/moonlight/moonlight_server.hpp"

namespace punktfunk::app {

// nullopt for a command that is not GameStream's. `server` is null where GameStream is off.
std::optional<nlohmann::json> answer_gamestream(const nlohmann::json& request, moonlight::MoonlightServer* server);
// Into what status answers: sessions, paired clients, and who waits for a PIN.
void add_gamestream(nlohmann::json& status, const moonlight::MoonlightServer& server);
void show_gamestream(const nlohmann::json& status);
// By name, for the ready file.
[[nodiscard]] nlohmann::json ports_of(const moonlight::MoonlightServer& server);

}  // namespace punktfunk::app
