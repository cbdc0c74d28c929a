// What /launch and /resume are refused for, in the words that the user reads (spec §2.8).
#pragma once

#include <optional>

#include "calls.hpp"

namespace punktfunk::nvhttp {

struct LaunchConditions {
    bool app_exists = true;             // the app asked for is one of the host's
    int32_t running_app = 0;            // 0: none
    bool can_encode = true;             // CodecSupport::any()
    bool encryption_mandatory = false;  // for this peer
};

// nullopt: go on. Ask it before the key is put into UsedKeys and before anything is started.
[[nodiscard]] std::optional<Response> refuse_launch(const LaunchCall& call, const LaunchConditions& conditions);

}  // namespace punktfunk::nvhttp
