// The picture of an app in a client's grid.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "punktfunk/base/error.hpp"

namespace punktfunk::moonlight {

inline constexpr size_t kMaxBoxArt = 8 << 20;

[[nodiscard]] bool is_jpeg(std::string_view picture);
// The bytes of a PNG or a JPEG file. InvalidArgument when it is neither.
[[nodiscard]] Result<std::string> load_box_art(const std::filesystem::path& file);

// A PNG, drawn here, for apps without a picture of their own. Moonlight writes the app's name over pictures of exactly
// this size.
[[nodiscard]] Result<std::string> default_box_art();

}  // namespace punktfunk::moonlight
