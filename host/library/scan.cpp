#include "punktfunk/library/scan.hpp"

#include <set>

#include "titles.hpp"

namespace punktfunk::library {

std::vector<Entry> scan(const Places& places) {
    std::vector<Entry> entries;
    std::set<std::string> ids;
    for (auto* part : {scan_steam, scan_lutris, scan_heroic, scan_desktop_entries}) {
        for (Entry& entry : part(places)) {
            if (entries.size() < kMaxEntries && entry.id.size() <= kMaxId && ids.insert(entry.id).second)
                entries.push_back(std::move(entry));
        }
    }
    sort_by_title(entries);
    return entries;
}

}  // namespace punktfunk::library
