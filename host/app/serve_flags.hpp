// The flags of `punktfunk-host serve`.
#pragma once

#include <map>
#include <string>

#include "config.hpp"

namespace CLI {
class App;
}

namespace punktfunk::app {

// They write into `options` when the line is parsed.
void add_serve_flags(CLI::App& serve, ServeOptions& options);
// Which settings the parsed flags, or the environment, have fixed: key: "flag" or "environment".
[[nodiscard]] std::map<std::string, std::string> fixed_settings(const CLI::App& serve, const Environment& environment);

}  // namespace punktfunk::app
