// The order in which a library is shown.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "punktfunk/library/entry.hpp"

namespace punktfunk::library {

// ASCII only: it orders, it does not compare names.
[[nodiscard]] inline std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return lower;
}

inline void sort_by_title(std::vector<Entry>& entries) {
    std::ranges::stable_sort(entries, {}, [](const Entry& entry) { return lower_case(entry.title); });
}

}  // namespace punktfunk::library
