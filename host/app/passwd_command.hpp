// `punktfunk-host passwd`: sets the console's password, without a running host.
#pragma once

#include <filesystem>

#include "punktfunk/base/error.hpp"

namespace punktfunk::app {

// Asks twice on a terminal, where it is not shown; takes one line of anything else.
Result<void> set_password(const std::filesystem::path& config_dir);

}  // namespace punktfunk::app
