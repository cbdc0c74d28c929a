// gzip and tar, as far as the support bundle and the console's files need them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "punktfunk/base/error.hpp"

namespace punktfunk::management {

[[nodiscard]] Result<std::string> gzip(std::string_view data);
// A ustar archive of regular files (names of at most 100 bytes), all of them `unix_time` old.
[[nodiscard]] std::string tar(const std::vector<std::pair<std::string, std::string>>& files, int64_t unix_time);

}  // namespace punktfunk::management
