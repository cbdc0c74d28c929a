// Picture files: which there are, and what they hold.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"

namespace punktfunk::library {

struct Picture {
    std::string content_type;  // "image/png"
    std::string bytes;
};

// By its first bytes: image/png, image/jpeg, image/webp, image/svg+xml; empty for anything else.
[[nodiscard]] std::string_view picture_type(std::string_view bytes);

// At most 4 MiB. NotAvailable when the file is missing, InvalidArgument when it holds no picture.
[[nodiscard]] Result<Picture> read_picture(const std::filesystem::path& file);

// The first that is a file; empty when none is.
[[nodiscard]] std::filesystem::path first_picture(const std::vector<std::filesystem::path>& candidates);

}  // namespace punktfunk::library
