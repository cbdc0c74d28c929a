// A picture as PNG. Takes milliseconds: for a thread that may.
#pragma once

#include <string>

#include "punktfunk/stream/thumbnail.hpp"

namespace punktfunk::management {

[[nodiscard]] Result<std::string> encode_png(const stream::Picture& picture);

}  // namespace punktfunk::management
