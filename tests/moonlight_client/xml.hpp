// The XML that hosts answer, read as strictly as expat does: one element around all, well formed, five entities.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "punktfunk/base/error.hpp"

namespace punktfunk::moonlight_client {

struct Element {
    std::string name;
    std::map<std::string, std::string> attributes;
    std::string text;
    std::vector<Element> children;

    [[nodiscard]] const Element* child(std::string_view child_name) const;
    [[nodiscard]] std::string text_of(std::string_view child_name) const;  // empty when there is none
};

Result<Element> parse_xml(std::string_view document);

}  // namespace punktfunk::moonlight_client
