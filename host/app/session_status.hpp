// A session as status shows it, whichever protocol it speaks.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::app {

[[nodiscard]] nlohmann::json describe_session(const std::string& client, const std::string& encoder,
                                              const display::Mode& mode, const stream::StreamStats& stats);

}  // namespace punktfunk::app
