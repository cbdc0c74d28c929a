// Valve's text format, in which Steam keeps what is installed where: "key" "value" and "key" { ... }.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace punktfunk::library {

struct VdfNode {
    std::string key;    // the root has none
    std::string value;  // of a leaf
    std::vector<VdfNode> children;

    // The first child of that name, whatever its case; nullptr when there is none.
    [[nodiscard]] const VdfNode* find(std::string_view wanted) const;
    [[nodiscard]] std::string_view text(std::string_view wanted) const;  // of a leaf; empty when there is none
};

// The root's children are the file's top keys. nullopt for what is not such a text, or nests deeper than 32.
[[nodiscard]] std::optional<VdfNode> parse_vdf(std::string_view text);

}  // namespace punktfunk::library
