// The parts that the host serves with, made from its options.
#pragma once

#include <string>
#include <vector>

#include "config.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::app {

// Empty when there is none of that name: a helper program, or the console's files, that are installed, or were built,
// beside the host.
[[nodiscard]] std::filesystem::path beside_this_program(const char* name);
[[nodiscard]] std::string host_name();
// 32 hex digits, kept in `config_dir`.
[[nodiscard]] Result<std::string> load_or_create_unique_id(const std::filesystem::path& config_dir);

[[nodiscard]] Result<std::unique_ptr<display::DisplayBackend>> make_display(const ServeOptions& options);
// Each is said in the log; those that --encoder leaves out are not available. NotAvailable when none is left.
[[nodiscard]] Result<std::vector<encode::ProbeResult>> probe_encoders(const std::string& wanted);
// What it points to must outlive it.
[[nodiscard]] Result<stream::PipelineParts> make_pipeline_parts(const ServeOptions& options,
                                                                display::DisplayBackend& display,
                                                                const std::vector<encode::ProbeResult>& encoders);

}  // namespace punktfunk::app
