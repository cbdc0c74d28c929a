// What launchers have installed on this machine. Reads their files, never runs them; a file with a fault, or a launcher
// that is not there, costs its own entries only. Blocks for as long as the disk takes: not for the control thread.
#pragma once

#include <vector>

#include "punktfunk/library/entry.hpp"
#include "punktfunk/library/places.hpp"

namespace punktfunk::library {

// Of all launchers, at most kMaxEntries, by lower-case title; no id twice.
inline constexpr size_t kMaxEntries = 4096;
[[nodiscard]] std::vector<Entry> scan(const Places& places);

// Each launcher's part of it.
[[nodiscard]] std::vector<Entry> scan_steam(const Places& places);
[[nodiscard]] std::vector<Entry> scan_lutris(const Places& places);
[[nodiscard]] std::vector<Entry> scan_heroic(const Places& places);
[[nodiscard]] std::vector<Entry> scan_desktop_entries(const Places& places);

}  // namespace punktfunk::library
