// Files that hold state: written whole or not at all, readable by their owner only.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "punktfunk/base/error.hpp"

namespace punktfunk {

// Writes to a temporary beside `path` (mode 0600), fsyncs and renames. Creates the parent directory (0700).
// On error the old file is untouched and no temporary is left.
[[nodiscard]] Result<void> write_file_atomic(const std::filesystem::path& path, std::string_view content);

// At most `limit` bytes; a larger file is an error, not a truncation. A missing file is ErrorCode::NotAvailable.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, size_t limit = 1 << 20);

}  // namespace punktfunk
