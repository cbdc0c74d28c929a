#include "punktfunk/library/library.hpp"

#include <algorithm>

#include "titles.hpp"

namespace punktfunk::library {

namespace {
constexpr std::string_view kCustom = "custom:";
}

bool Library::set_installed(std::vector<Entry> installed) {
    const bool same = std::ranges::equal(installed, installed_, [](const Entry& a, const Entry& b) {
        return a.id == b.id && a.title == b.title && a.art == b.art;
    });
    installed_ = std::move(installed);
    return !same;
}

Entry Library::entry_of(const CustomEntry& custom) const {
    Entry entry{std::string(kCustom) + custom.id, "custom", custom.title, {}, custom.launch};
    for (size_t kind = 0; kind < entry.art.size(); ++kind)
        entry.art[kind] = custom_.picture(custom.id, static_cast<ArtKind>(kind));
    return entry;
}

std::vector<Entry> Library::list() const {
    std::vector<Entry> entries = installed_;
    for (const auto& custom : custom_.entries()) entries.push_back(entry_of(custom));
    sort_by_title(entries);
    return entries;
}

std::optional<Entry> Library::find(std::string_view id) const {
    if (id.starts_with(kCustom)) {
        const CustomEntry* custom = custom_.find(id.substr(kCustom.size()));
        return custom == nullptr ? std::nullopt : std::optional(entry_of(*custom));
    }
    const auto found = std::ranges::find(installed_, id, &Entry::id);
    return found == installed_.end() ? std::nullopt : std::optional(*found);
}

}  // namespace punktfunk::library
