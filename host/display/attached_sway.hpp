// Outputs added to a sway session that is running and belongs to somebody else.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "punktfunk/display/display.hpp"

namespace punktfunk::display {

// For as long as this sway runs. Takes up, or removes, the outputs that an earlier host with the same runtime directory
// has left in this session.
Result<std::unique_ptr<DisplayBackend>> attach_to_sway(const std::string& ipc_socket,
                                                       const std::filesystem::path& runtime_dir);

}  // namespace punktfunk::display
