#include "punktfunk/library/entry.hpp"

#include <algorithm>

namespace punktfunk::library {

std::optional<ArtKind> parse_art_kind(std::string_view name) {
    const auto found = std::ranges::find(kArtKindNames, name);
    if (found == kArtKindNames.end()) return std::nullopt;
    return static_cast<ArtKind>(found - kArtKindNames.begin());
}

std::string command_of(const Launch& launch) {
    return launch.kind == Launch::Kind::SteamAppId ? "steam steam://rungameid/" + launch.value : launch.value;
}

std::string clean_title(std::string_view text) {
    std::string title;
    for (const char c : text.substr(0, 4 * kMaxTitle)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) title += c;
    }
    if (title.size() > kMaxTitle) {
        title.resize(kMaxTitle);
        // Not in the middle of a character.
        while (!title.empty() && (static_cast<unsigned char>(title.back()) & 0xc0) == 0x80) title.pop_back();
        if (!title.empty() && (static_cast<unsigned char>(title.back()) & 0x80) != 0) title.pop_back();
    }
    const auto first = title.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return title.substr(first, title.find_last_not_of(' ') - first + 1);
}

bool is_number(std::string_view text) {
    return !text.empty() && text.size() <= 20 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) return std::string(text);
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

}  // namespace punktfunk::library
