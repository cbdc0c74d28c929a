// api/openapi.json, as it was when this was built.
#pragma once

#include <string_view>

namespace punktfunk::management {

[[nodiscard]] std::string_view openapi_document();

}  // namespace punktfunk::management
