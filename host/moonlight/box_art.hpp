// The picture of an app in a client's grid.
#pragma once

#include <filesystem>
#include <string>

#include "punktfunk/base/error.hpp"

namespace punktfunk::moonlight {

inline constexpr size_t kMaxBoxArt = 8 << 20;

// A PNG file's bytes. InvalidArgument when it is none.
[[nodiscard]] Result<std::string> load_box_art(const std::filesystem::path& file);

// A PNG, drawn here, for apps without a picture of their own. Moonlight writes the app's name over pictures of exactly
// this size.
[[nodiscard]] Result<std::string> default_box_art();

}  // namespace punktfunk::moonlight
