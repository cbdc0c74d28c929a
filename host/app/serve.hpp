// `punktfunk-host serve`: puts the parts together and runs them until a signal.
#pragma once

#include "punktfunk/management/log_ring.hpp"
#include "settings.hpp"

namespace punktfunk::app {

// Returns when SIGINT or SIGTERM came, or after options.seconds. Errors are start-up failures. `log` hears what is
// logged.
Result<void> serve(Settings& settings, std::shared_ptr<management::LogRing> log);

}  // namespace punktfunk::app
