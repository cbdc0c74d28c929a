// A headless sway of one client's own, with a small desktop inside, or bare.
#pragma once

#include <memory>

#include "punktfunk/display/display.hpp"
#include "session_process.hpp"
#include "sway_ipc.hpp"

namespace punktfunk::display {

Result<std::unique_ptr<VirtualDisplay>> start_embedded_sway(const SwayOptions& options, const SessionUser& user,
                                                            const std::string& program, const Mode& mode, bool bare);

// Sets the mode and makes sure that it is in force: sway 1.7 answers "success" to what it did not do.
Result<void> set_sway_mode(SwayIpc& ipc, const std::string& output, const Mode& mode);

// What a host that was killed has left under its runtime directory.
void remove_leftovers(const std::filesystem::path& runtime_dir);

// In the usual places; empty when it is not installed.
std::string find_program(const std::string& name);

}  // namespace punktfunk::display
