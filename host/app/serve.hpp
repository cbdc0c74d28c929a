// `punktfunk-host serve`: puts the parts together and runs them until a signal.
#pragma once

#include "config.hpp"

namespace punktfunk::app {

// Returns when SIGINT or SIGTERM came, or after options.seconds. Errors are start-up failures.
Result<void> serve(const ServeOptions& options);

}  // namespace punktfunk::app
