// Where the host keeps its sockets and embedded desktops while it runs.
#pragma once

#include <filesystem>

#include "punktfunk/base/error.hpp"
#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::app {

// Makes the directory and locks it for as long as the result lives: what lies in it from before is a dead host's, and
// may be cleared away. Exhausted when another host holds it.
Result<UniqueFd> claim_runtime_directory(const std::filesystem::path& directory);

}  // namespace punktfunk::app
