// A picture as a PNG file.
#pragma once

#include <filesystem>

#include "video_decoder.hpp"

namespace punktfunk::media {

Result<void> write_png(const RgbPicture& picture, const std::filesystem::path& file);

}  // namespace punktfunk::media
